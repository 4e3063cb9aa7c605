"""Remove old acts of contacts that are not linked any more, and the addresses of these.

Of each permission that somebody signed off from the last word stays, as a bare fact: what was
switched off is not switched on because it was long ago.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, exists, null, or_, select, update
from sqlalchemy.orm import aliased

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    TAKING_BACK,
    Act,
    AddressAct,
    AddressHolder,
    Environment,
    Link,
    MirrorContact,
    Retention,
    RunItem,
    Source,
)
from spotler_plugin.services.retention.runs import STEP
from spotler_plugin.sql import among


def remove_acts(row: Retention, before: datetime) -> int:
    """Look at some old acts, and remove those that are kept long enough; return how many it saw."""
    acts = db.session.execute(
        select(Act.id, Act.contact_id)
        .where(Act.environment_id == row.environment_id, Act.id > row.acts_after, Act.at < before)
        .order_by(Act.id)
        .limit(STEP)
    ).all()
    if not acts:
        row.acts_after = 0
        return 0
    kept = _still_kept(row.environment_id, {contact_id for _id, contact_id in acts}, before)
    old = [id_ for id_, contact_id in acts if contact_id not in kept]
    these = and_(Act.environment_id == row.environment_id, among(Act.id, old))
    told = or_(Act.enabled.is_(True), Act.applied_at.is_(None), _is_outdone())
    found = db.session.scalars(select(Act.id).where(these, told)).all()
    _carry_out(delete(Act).where(_own(row, found)))
    bare = {"actor_id": None, "actor_name": None, "ground": None}
    named = or_(Act.actor_id.is_not(None), Act.actor_name.is_not(None), Act.ground.is_not(None))
    _carry_out(update(Act).where(these, named).values(bare))
    row.acts_after = acts[-1].id
    return len(acts)


def remove_address_acts(row: Retention, before: datetime) -> int:
    """Remove who said long ago whose an address is, of contacts that are not linked any more."""
    linked = exists().where(
        Link.environment_id == AddressAct.environment_id,
        Link.contact_id == AddressAct.contact_id,
        or_(Link.linked_at.is_not(None), Link.synced_at >= before),
    )
    old = (AddressAct.environment_id == row.environment_id, AddressAct.at < before)
    ids = db.session.scalars(select(AddressAct.id).where(*old, ~linked).limit(STEP)).all()
    _carry_out(delete(AddressAct).where(*old, among(AddressAct.id, ids)))
    return len(ids)


def remove_holders(row: Retention, before: datetime) -> int:
    """Remove which addresses, by their digests, contacts had long ago that left nothing else."""
    of_environment = AddressHolder.environment_id == row.environment_id
    linked = exists().where(
        Link.environment_id == AddressHolder.environment_id,
        Link.contact_id == AddressHolder.contact_id,
        or_(Link.linked_at.is_not(None), Link.synced_at >= before),
    )
    acted = exists().where(
        Act.environment_id == AddressHolder.environment_id,
        Act.contact_id == AddressHolder.contact_id,
    )
    ended = AddressHolder.until < before
    ids = db.session.scalars(
        select(AddressHolder.id).where(of_environment, ended, ~linked, ~acted).limit(STEP)
    ).all()
    _carry_out(delete(AddressHolder).where(of_environment, among(AddressHolder.id, ids)))
    return len(ids)


def remove_addresses(row: Retention, before: datetime) -> int:
    """Empty the addresses of contacts that were unlinked long ago; the digests of acts stay.

    One that Spotler has stays: by it a contact is known that nothing was written to yet. Nor does
    an id that says nothing of who has it (`link/former`) come to say so.
    """
    of_contact = and_(
        RunItem.environment_id == Link.environment_id, RunItem.contact_id == Link.contact_id
    )
    newer = and_(
        Act.environment_id == Link.environment_id,
        Act.contact_id == Link.contact_id,
        Act.at >= before,
    )
    ids = db.session.scalars(
        select(Link.id)
        .where(
            Link.environment_id == row.environment_id,
            Link.linked_at.is_(None),
            or_(Link.address.is_not(None), Link.former_address != ""),
            or_(and_(Link.synced_at.is_(None), ~_voided_since(before)), Link.synced_at < before),
            or_(Link.deleted_at.is_(None), Link.deleted_at < before),
            ~_is_in_spotler(),
            ~exists().where(of_contact),
            ~exists().where(newer),
        )
        .limit(STEP)
    ).all()
    former = case((Link.former_address.is_not(None), ""))
    blank = {"address": None, "former_address": former, "problem_detail": null()}
    of_environment = Link.environment_id == row.environment_id
    _carry_out(update(Link).where(of_environment, among(Link.id, ids)).values(blank))
    return len(ids)


def _voided_since(before: datetime) -> ColumnElement[bool]:
    """Return the condition that another account took the place of the one that a link was of."""
    owner = Environment.id == Link.environment_id
    return exists().where(owner, Environment.account_since >= before)


def _is_in_spotler() -> ColumnElement[bool]:
    """Return the condition that Spotler has an address of a link, or its id."""
    of_environment = MirrorContact.environment_id == Link.environment_id
    return or_(
        exists().where(of_environment, MirrorContact.external_id == Link.contact_id),
        exists().where(of_environment, MirrorContact.address == Link.address),
        exists().where(of_environment, MirrorContact.address == Link.former_address),
    )


def _still_kept(environment_id: int, contact_ids: Collection[str], before: datetime) -> set[str]:
    """Return who is linked, or was so or switched since."""
    linked = select(Link.contact_id).where(
        Link.environment_id == environment_id,
        among(Link.contact_id, contact_ids),
        or_(Link.linked_at.is_not(None), Link.synced_at >= before),
    )
    switched = select(Act.contact_id).where(
        Act.environment_id == environment_id, among(Act.contact_id, contact_ids), Act.at >= before
    )
    return {*db.session.scalars(linked), *db.session.scalars(switched)}


def _is_outdone() -> ColumnElement[bool]:
    """Return the condition that what came after an act says more.

    Of two at one moment the one that switches off does. A colleague who switched off as well does
    not hide that the contact signed off itself; nor does what an undo took back, or the undo.
    """
    later = aliased(Act)
    is_newer = or_(
        _known_at(later) > _known_at(Act),
        and_(_known_at(later) == _known_at(Act), later.id > Act.id, later.enabled.is_(False)),
    )
    return exists().where(
        later.environment_id == Act.environment_id,
        later.contact_id == Act.contact_id,
        later.bit == Act.bit,
        later.applied_at.is_not(None),
        or_(later.source.not_in(TAKING_BACK), Act.source.in_(TAKING_BACK)),
        is_newer,
        or_(Act.source != Source.SPOTLER, later.enabled, later.source == Source.SPOTLER),
        or_(later.enabled.is_(False), ~_is_taken_back(later)),
    )


def _is_taken_back(act: Any) -> ColumnElement[bool]:
    back = aliased(Act)
    return exists().where(
        back.environment_id == act.environment_id,
        back.contact_id == act.contact_id,
        back.bit == act.bit,
        back.applied_at.is_not(None),
        back.source.in_(TAKING_BACK),
        back.at >= act.at,
    )


def _known_at(act: Any) -> ColumnElement[datetime]:
    """As `planning/consent.Switching.known_at` has it."""
    is_seen = and_(act.source == Source.SPOTLER, act.applied_at > act.at)
    return case((is_seen, act.applied_at), else_=act.at)


def _own(row: Retention, ids: Sequence[int]) -> ColumnElement[bool]:
    return and_(Act.environment_id == row.environment_id, among(Act.id, ids))


def _carry_out(statement: Any) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})
