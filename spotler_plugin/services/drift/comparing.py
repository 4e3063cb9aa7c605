"""Compare the linked contacts: what the CRM has, as it is mapped, with what was just read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import DriftKind, DriftStage, Link
from spotler_plugin.planning.plan import ADDRESS, Change
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.state import Observed, Wanted
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.desired import Desired
from spotler_plugin.services.drift.asking import MOST, ask_for_unseen, record_answers
from spotler_plugin.services.drift.difference import Difference, differing
from spotler_plugin.services.drift.others import count_others
from spotler_plugin.services.drift.rows import Found, add_rows
from spotler_plugin.services.drift.turn import Turn, note_progress
from spotler_plugin.services.drift.written import last_written
from spotler_plugin.services.link.former import find_unwritten
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.services.mirror.record import TABLE
from spotler_plugin.services.preview.foresee import Asked, foresee_changes
from spotler_plugin.sql import among, unindexed

CHUNK = 100
"""Contacts that the CRM tells of in one call."""
ASKS_NOTHING = Asked(adds=False, permissions={})


@dataclass(frozen=True, slots=True)
class _Seen:
    state: Observed
    changed_at: datetime | None


def linked_contacts(environment_id: int) -> Select[int, str, datetime | None]:
    """Return a query of id, CRM id and since when it is linked, of whom Spotler should know.

    A contact whose id vanished in Spotler is no longer linked, by the reading at the latest.
    """
    was = and_(
        Link.synced_at.is_not(None),
        Link.deleted_at.is_(None),
        Link.merged_into.is_(None),
        or_(Link.problem.is_(None), Link.problem == Reason.GONE_IN_SPOTLER),
    )
    return select(Link.id, Link.contact_id, Link.linked_at).where(
        unindexed(Link.environment_id) == environment_id, or_(Link.linked_at.is_not(None), was)
    )


def compare_some(turn: Turn) -> bool:
    """Compare the next contacts; False when the comparison was stopped."""
    row = turn.held()
    if row is None:
        return False
    following = linked_contacts(turn.owner.id).where(Link.id > row.position)
    links = db.session.execute(following.order_by(Link.id).limit(CHUNK)).all()
    if not links:
        row.stage, row.position, row.to_compare = DriftStage.OTHERS, 0, row.compared
        row.other_total = count_others(turn)
        note_progress(row)
        return True
    linked = {contact_id for _id, contact_id, linked_at in links if linked_at is not None}
    ids = [contact_id for _id, contact_id, _linked_at in links]
    room = MOST - row.asked
    db.session.commit()
    desired = turn.source.read(ids)
    answers = ask_for_unseen(turn, ids, room)
    if answers is None:
        return False
    record_answers(turn.owner.id, answers)
    row = turn.held()
    if row is None:
        db.session.rollback()
        return False
    # Who is linked no more, and unknown to the CRM, is nobody's business.
    ids = [each for each in ids if each in linked or each in desired.wanted]
    unreadable = answers.unreadable | set(desired.unreadable) | set(desired.postponed)
    found = _judge(turn, ids, desired, unreadable)
    add_rows(row, found)
    row.compared += len(ids)
    row.equal += len(ids) - len(found)
    row.asked += answers.number
    row.position = links[-1][0]
    note_progress(row)
    return True


def _judge(
    turn: Turn, ids: Collection[str], desired: Desired, unreadable: Collection[str]
) -> list[Found]:
    """Return who differs."""
    seen = _seen(turn, ids)
    types, unwritten = turn.source.types, find_unwritten(turn.owner.id, ids)
    values = {
        id_: differing(wanted, seen[id_].state, types, is_first=id_ in unwritten)
        for id_, wanted in desired.wanted.items()
        if id_ in seen and id_ not in unreadable
    }
    written = last_written(
        turn.owner.id, {id_: [each.property for each in found] for id_, found in values.items()}
    )
    foreseen = foresee_changes(turn.owner, ids, desired, types, ASKS_NOTHING).changes
    told = {
        id_: [
            each.with_written(
                written.get((id_, each.property)),
                types.get(each.property, PropertyType.STRING),
            )
            for each in found
        ]
        for id_, found in values.items()
    }
    return [
        one
        for id_ in ids
        if (
            one := _found(
                id_,
                _kind(id_, desired.wanted.get(id_), told.get(id_), unreadable),
                desired,
                seen.get(id_),
                told.get(id_, []),
                foreseen[id_],
            )
        )
    ]


def _kind(
    contact_id: str,
    wanted: Wanted | None,
    told: Collection[Difference] | None,
    unreadable: Collection[str],
) -> DriftKind | None:
    """Return in what it differs, or None where both sides are equal."""
    if contact_id in unreadable:
        return DriftKind.UNREADABLE
    if wanted is None:
        return DriftKind.GONE
    if told is None:
        return DriftKind.MISSING
    if told:
        return DriftKind.DIFFERENT
    return DriftKind.UNFIT if wanted.refusals else None


def _found(
    contact_id: str,
    kind: DriftKind | None,
    desired: Desired,
    seen: _Seen | None,
    told: Collection[Difference],
    change: Change,
) -> Found | None:
    if kind is None:
        return None
    wanted = desired.wanted.get(contact_id)
    there = seen.state.properties if seen else {}
    return Found(
        kind=kind,
        contact_id=contact_id,
        name=desired.names.get(contact_id) or name_of(there) or "",
        address=(wanted and wanted.address) or str(there.get(ADDRESS) or ""),
        reason=change.reason,
        differences=[each.to_json() for each in told],
        refusals=[each.to_json() for each in wanted.refusals] if wanted else [],
        changed_at=seen.changed_at if seen else None,
    )


def _seen(turn: Turn, ids: Collection[str]) -> Mapping[str, _Seen]:
    """Return what Spotler has of them, as far as it was read since the comparison began."""
    rows = db.session.execute(
        select(
            TABLE.c.external_id,
            TABLE.c.active,
            TABLE.c.permissions,
            TABLE.c.properties,
            TABLE.c.last_changed,
        ).where(
            TABLE.c.environment_id == turn.owner.id,
            among(TABLE.c.external_id, ids),
            TABLE.c.observed_at >= turn.began,
            TABLE.c.doubted.is_(False),
        )
    )
    return {
        external_id: _Seen(Observed(external_id, active, bits, properties), changed_at)
        for external_id, active, bits, properties, changed_at in rows
    }
