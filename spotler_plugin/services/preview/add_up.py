"""Add up what a chunk's plans come to, in the preview's row."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from spotler_plugin.extensions import db
from spotler_plugin.models import Preview
from spotler_plugin.planning.tally import differences
from spotler_plugin.services.desired import Alteration, Desired
from spotler_plugin.services.enrolment.switches import enrolled_among
from spotler_plugin.services.preview.behind import behind_numbers
from spotler_plugin.services.preview.foresee import Foresight
from spotler_plugin.services.preview.left_out import exceptions_of, left_alone_of
from spotler_plugin.services.preview.request import tally_of

SAMPLES = 20


def add_up(row: Preview, foreseen: Foresight, desired: Desired) -> None:
    """Add a chunk to the numbers, and to the examples as long as there is room; the caller
    commits."""
    tally, changes, names = tally_of(row), foreseen.changes, desired.names
    tally.take(changes.values())
    enrolled: Mapping[int, Collection[str]] = {}
    if row.adjustment is not None:
        tally.take_switches(changes.values(), row.adjustment.permissions)
        enrolled = enrolled_among(row.environment_id, row.adjustment.automations, changes)
        tally.take_starts(changes, enrolled)
    db.session.add_all(behind_numbers(row, changes, desired, enrolled))
    db.session.add_all(exceptions_of(row, foreseen, names))
    if row.undo is not None:
        tally.take_back(changes.values())
        tally.in_crm += sum(bool(each) for each in desired.alterations.values())
        db.session.add_all(left_alone_of(row, foreseen, desired.names))
    row.tally = asdict(tally)
    room = SAMPLES - len(row.samples)
    altered = desired.alterations if row.undo is not None else {}
    shown = [
        {
            "id": id_,
            "name": names.get(id_) or id_,
            "changes": differences(change),
            **_in_crm(altered.get(id_, ())),
        }
        for id_, change in changes.items()
        if change.writes or altered.get(id_)
    ]
    if room and shown:
        row.samples = row.samples + shown[:room]


def _in_crm(altered: Collection[Alteration]) -> dict[str, Any]:
    fields = [(each.field, each.before, each.after) for each in altered]
    return {"in_crm": fields} if fields else {}
