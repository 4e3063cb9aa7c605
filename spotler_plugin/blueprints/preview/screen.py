"""How "Wat gaat er gebeuren" looks, while it is worked out and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template

from spotler_plugin.blueprints.preview.restore import restore_variables
from spotler_plugin.blueprints.preview.undo import left_variables, shown_undo
from spotler_plugin.blueprints.run.changes import labels_of
from spotler_plugin.embedding import Session
from spotler_plugin.forms.preview import ConfirmForm
from spotler_plugin.forms.run import WatchForm
from spotler_plugin.models import Preview, PreviewState, RunKind
from spotler_plugin.planning.reason import OF_ENTRIES, Reason, Refusal
from spotler_plugin.planning.tally import Tally
from spotler_plugin.planning.values.sets import AND_MORE, MOST_NAMED
from spotler_plugin.services.preview.approve import is_braked
from spotler_plugin.services.preview.request import seconds_left, seconds_of_run, tally_of
from spotler_plugin.services.run.report import Report
from spotler_plugin.services.run.turn import under_way
from spotler_plugin.services.run.whom import one_of
from spotler_plugin.wording.reasons import failed_text, reason_text, refusal_text
from spotler_plugin.wording.runs import told_left
from spotler_plugin.wording.text import Text


@dataclass(frozen=True, slots=True)
class Place:
    """Where a preview is shown."""

    routes: str = "preview"
    """The blueprint that watches, stops, confirms and leaves it."""
    undo: str = "run.undo"
    """Asks for another one, as it is chosen how far an undo goes."""
    target: str = "#screen"
    """What its screens take the place of."""
    of_one: bool = False
    """On the screen of one contact, of which it is."""


ADMIN = Place()


@dataclass(frozen=True, slots=True)
class Cause:
    """Why some contacts, or some values, do not go along."""

    text: Text
    number: int
    property: str = ""
    """What the screen calls the property, of a value."""
    name: str = ""
    """What Spotler calls it."""
    reason: str = ""
    names_parts: bool = False
    """Whether it is about parts of values, which it names."""


@dataclass(frozen=True, slots=True)
class Impact:
    """What would happen, in the screen's words."""

    tally: Tally
    blocked: tuple[Cause, ...]
    refused: tuple[Cause, ...]
    emptied: tuple[tuple[str, str, int], ...]
    """Property, what the screen calls it, and how many contacts lose its value."""
    lessened: tuple[tuple[str, str, int], ...]
    """The same of a set, of which they lose some entries."""
    samples: tuple[dict[str, Any], ...]
    seconds: float
    braked: bool


def screen(
    session: Session, row: Preview, *, form: ConfirmForm | None = None, first: bool = False
) -> str:
    """The whole screen; `first`: just asked for."""
    return render_template("preview/_screen.html", **variables(session, row, form, first))


def fragment(session: Session, row: Preview, place: Place = ADMIN) -> str:
    """Its part that changes, as the polling asks for it."""
    return render_template("preview/_preview.html", **variables(session, row, None, False, place))


def variables(
    session: Session,
    row: Preview,
    form: ConfirmForm | None,
    first: bool,
    place: Place = ADMIN,
) -> dict[str, Any]:
    """What the templates of preview/ know."""
    told = WatchForm.accept().said.data
    return {
        "preview": row,
        "place": place,
        "is_sync": row.kind is RunKind.SYNC,
        "is_linking": row.kind is RunKind.LINK,
        "is_rest": row.resumes_id is not None,
        "done": tally_of(row).total,
        "seconds_left": told_left(seconds_left(row), told),
        "told": told,
        "trouble": _trouble(session, row),
        "impact": _impact(session, row) if row.state is PreviewState.READY else None,
        "form": form or ConfirmForm(formdata=None),
        "crm_name": session.environment.name,
        "first": first,
        "busy": _busy(session, row) if row.state is PreviewState.READY else [],
        "undo": shown_undo(session, row),
        **restore_variables(session, row),
        **left_variables(session, row),
    }


def _busy(session: Session, row: Preview) -> list[Report]:
    """Runs under way that may write what an undo or a restore has put back."""
    if row.resumes_id is not None or (row.undo is None and row.restore is None):
        return []
    return under_way(session.environment.id, one_of(row.undo, row.restore))


def _trouble(session: Session, row: Preview) -> Text | None:
    """Why it waits, or failed."""
    if not row.reason:
        return None
    words = failed_text if row.state is PreviewState.FAILED else reason_text
    return words(row.reason, session.environment.name)


def _impact(session: Session, row: Preview) -> Impact:
    tally = tally_of(row)
    crm_name = session.environment.name
    shown = labels_of(session.environment.id)
    labels = shown.properties
    return Impact(
        tally=tally,
        blocked=tuple(
            Cause(reason_text(Reason(reason), crm_name), number, reason=reason)
            for reason, number in _most_first(tally.blocked_by)
        ),
        refused=tuple(
            Cause(
                _refused_text(tally, name, labels.get(name, name), Reason(reason), crm_name),
                number,
                labels.get(name, name),
                name,
                reason,
                Reason(reason) in OF_ENTRIES,
            )
            for name, reasons in tally.refused_by.items()
            for reason, number in _most_first(reasons)
        ),
        emptied=tuple(
            (name, labels.get(name, name), number) for name, number in _most_first(tally.emptied_by)
        ),
        lessened=tuple(
            (name, labels.get(name, name), number)
            for name, number in _most_first(tally.lessened_by)
        ),
        samples=tuple(
            {
                "id": sample.get("id"),
                "name": sample["name"],
                "changes": [
                    *(
                        shown.in_crm(name, before, after, crm_name)
                        for name, before, after in sample.get("in_crm", ())
                    ),
                    *(shown.changed(*each) for each in sample["changes"]),
                ],
            }
            for sample in row.samples
        ),
        seconds=seconds_of_run(row),
        braked=is_braked(tally),
    )


def _refused_text(tally: Tally, name: str, label: str, reason: Reason, crm_name: str) -> Text:
    """Of keywords and entries those that most contacts have are named."""
    if reason not in OF_ENTRIES:
        return reason_text(reason, crm_name)
    words = [word for word, _number in _most_first(tally.missing_by.get(name, {}))]
    told = (*words[:MOST_NAMED], AND_MORE) if len(words) > MOST_NAMED else tuple(words)
    return refusal_text(Refusal(label, name, reason, told), crm_name)


def _most_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: -item[1])
