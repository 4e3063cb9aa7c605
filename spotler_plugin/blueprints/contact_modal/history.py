"""The history of a contact: how its lines look, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import render_template

from spotler_plugin.blueprints.run.changes import (
    Labels,
    Step,
    labels_of,
    not_back,
    patched,
    steps,
)
from spotler_plugin.embedding import Session
from spotler_plugin.planning.history.place import Kind, Place
from spotler_plugin.services.history.acts import Settled, Switched
from spotler_plugin.services.history.items import Carried
from spotler_plugin.services.history.line import Line
from spotler_plugin.services.history.page import Happening, history_of
from spotler_plugin.services.history.told import Told
from spotler_plugin.services.mirror.read import find_mirrored, name_of
from spotler_plugin.wording.contact.history import Names, happened_text
from spotler_plugin.wording.runs import left_out, parted
from spotler_plugin.wording.text import Text


@dataclass(frozen=True, slots=True)
class Shown:
    """One line, in the screen's words."""

    at: datetime
    text: Text
    points: list[Text]
    steps: list[Step]


def history(session: Session, kind: Kind | None, after: Place | None) -> str:
    """The panel with its newest lines; or only those after a place, for below the others."""
    found = history_of(session.environment.id, session.contact_id, kind, after)
    labels = labels_of(session.environment.id)
    names = Names(session.environment.name, labels.permissions, _people(session, found.lines))
    return render_template(
        "contact_modal/_history_lines.html" if after else "contact_modal/_history.html",
        lines=[_shown(line.happened, session.contact_id, names, labels) for line in found.lines],
        after=found.after,
        chosen=kind,
        kinds=list(Kind),
        goes_on=after is not None,
    )


def _shown(happened: Happening, contact_id: str, names: Names, labels: Labels) -> Shown:
    text = happened_text(happened, contact_id, names)
    if not isinstance(happened, Carried):
        return Shown(happened.at, text, [], [])
    told = happened.detail
    points = left_out(told, names.crm) + parted(told) + not_back(told, labels, names.crm)
    changed = steps(happened.before, happened.after, labels) + patched(
        happened.patch, labels, names.crm
    )
    return Shown(happened.at, text, points, changed)


def _people(session: Session, lines: Sequence[Line[Happening]]) -> dict[str, str]:
    """The names of the other contacts that the lines tell of, by Spotler."""
    ids: set[str] = set()
    for line in lines:
        match line.happened:
            case Switched(contact_id=other) | Settled(owner_id=other):
                ids.add(other)
            case Told(contact_id=kept, merged_id=merged):
                ids |= {each for each in (kept, merged) if each}
    found = find_mirrored(session.environment.id, ids - {session.contact_id})
    named = {id_: name_of(row.properties) for id_, row in found.items()}
    return {id_: name for id_, name in named.items() if name}
