"""The lines of a bulk mutation's plan: what changes in the CRM, is switched, and is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spotler_plugin.blueprints.run.changes import labels_of
from spotler_plugin.embedding import Session
from spotler_plugin.models import Figure
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.tally import Started, Switched, Tally
from spotler_plugin.services.mutation import automation_labels, mutable_fields
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.adjustments import field_lines
from spotler_plugin.wording.figures import started_word, switched_word


@dataclass(frozen=True, slots=True)
class Cell:
    """How many contacts come to one end."""

    number: int
    what: str
    """What the number is about, for who does not see the table."""
    params: Mapping[str, str]
    """By which those people are listed."""


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of one permission or automation, in numbers."""

    label: str
    cells: tuple[Cell, ...]
    to: str = ""
    """Whether a permission goes on or off."""


@dataclass(frozen=True, slots=True)
class Table:
    """What becomes of several of them; the heads are those of the columns."""

    title: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]


def crm_lines(session: Session, asked: Adjustment) -> list[str]:
    """What changes in the CRM, for each of the contacts."""
    return field_lines(mutable_fields(session.environment.id), asked)


def impact_tables(session: Session, asked: Adjustment, tally: Tally) -> list[Table]:
    """What becomes of the permissions that are switched, and the automations that are started."""
    tables = (_switches(session, asked, tally), _starts(session, tally))
    return [table for table in tables if table.lines]


def _switches(session: Session, asked: Adjustment, tally: Tally) -> Table:
    labels = labels_of(session.environment.id).permissions
    return Table(
        _("Permissies"),
        (
            _("Permissie"),
            *map(switched_word, Switched),
        ),
        tuple(
            _switch(bit, labels[bit], enabled, tally.switched_by.get(str(bit), {}))
            for bit, enabled in asked.permissions.items()
            if bit in labels
        ),
    )


def _switch(bit: int, label: str, enabled: bool, counts: Mapping[str, int]) -> Line:
    cells = tuple(
        Cell(
            counts.get(end, 0),
            f"{label} · {switched_word(end)}",
            # Of who signed off it is told when and where.
            {"reason": Reason.SIGNED_OFF}
            if end is Switched.SIGNED_OFF
            else {"figure": Figure.SWITCHED, "subject": str(bit), "end": end},
        )
        for end in Switched
    )
    return Line(label, cells, _("aan") if enabled else _("uit"))


def _starts(session: Session, tally: Tally) -> Table:
    labels = automation_labels(session.environment.id, [int(id_) for id_ in tally.started_by])
    return Table(
        _("Automations"),
        (_("Automation"), *map(started_word, Started)),
        tuple(
            _start(id_, labels[int(id_)], counts)
            for id_, counts in tally.started_by.items()
            if int(id_) in labels
        ),
    )


def _start(id_: str, label: str, counts: Mapping[str, int]) -> Line:
    cells = tuple(
        Cell(
            counts.get(end, 0),
            f"{label} · {started_word(end)}",
            {"figure": Figure.STARTED, "subject": id_, "end": end},
        )
        for end in Started
    )
    return Line(label, cells)
