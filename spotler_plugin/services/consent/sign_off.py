"""Sign-offs seen in Spotler: a permission that was on is off, and we did not write it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import and_, insert, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import TAKING_BACK, UNDER_WAY, Act, Outcome, Run, RunItem, Source
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.consent.person import same_person
from spotler_plugin.sql import among


@dataclass(frozen=True, slots=True)
class SignOff:
    """A permission switched off in Spotler, by the recipient or by a user there."""

    contact_id: str
    bit: int
    at: datetime
    address: str = ""
    """The address that it was signed off with."""


def note_sign_offs(environment_id: int, found: Sequence[SignOff]) -> None:
    """Record sign-offs as acts, with Spotler as their source.

    A bit that a write of ours switched off is no sign-off. When the answer to the write was lost,
    this is how we hear of it: the act took effect.
    """
    if not found:
        return
    own = _writes_of_ours(environment_id, found)
    if own:
        db.session.execute(
            update(Act)
            .where(Act.environment_id == environment_id, Act.id.in_(own.values()))
            .values(applied_at=datetime.now(UTC)),
            execution_options={"synchronize_session": False},
        )
    digests = digests_of(environment_id, (each.address for each in found))
    acts = [
        {
            "environment_id": environment_id,
            "contact_id": each.contact_id,
            "bit": each.bit,
            "enabled": False,
            "at": each.at,
            "source": Source.SPOTLER,
            "applied_at": each.at,
            "address_digest": digests.get(each.address),
        }
        for each in found
        if (each.contact_id, each.bit) not in own
    ]
    if acts:
        db.session.execute(insert(Act), acts)


def last_sign_offs(
    environment_id: int, addresses: Mapping[str, Collection[str]]
) -> dict[tuple[str, int], Act]:
    """Return contact and bit to the newest act that switched it off for this person.

    `addresses` has for each contact the addresses that it has and gets, as for `judge_acts`.
    """
    others = same_person(environment_id, addresses)
    whose: dict[str, list[str]] = {}
    for contact_id, ids in others.items():
        for id_ in ids | {contact_id}:
            whose.setdefault(id_, []).append(contact_id)
    acts = db.session.scalars(
        select(Act)
        .where(
            Act.environment_id == environment_id,
            among(Act.contact_id, whose.keys()),
            Act.enabled.is_(False),
            Act.applied_at.is_not(None),
            Act.source.not_in(TAKING_BACK),
        )
        .order_by(Act.at, Act.id)
    )
    return {(contact_id, act.bit): act for act in acts for contact_id in whose[act.contact_id]}


def _writes_of_ours(environment_id: int, found: Sequence[SignOff]) -> dict[tuple[str, int], int]:
    """Return contact and bit to the act, where a write left for Spotler and nobody knows its end.

    That is told by the item: it is open, and has the image of what was sent. An act that was
    refused, given up or cancelled explains nothing.
    """
    rows = db.session.execute(
        select(Act.contact_id, Act.bit, Act.id, RunItem.after)
        .join(Run, Run.id == Act.run_id)
        .join(RunItem, and_(RunItem.run_id == Run.id, RunItem.contact_id == Act.contact_id))
        .where(
            Act.environment_id == environment_id,
            RunItem.environment_id == environment_id,
            among(Act.contact_id, {each.contact_id for each in found}),
            Act.applied_at.is_(None),
            Act.enabled.is_(False),
            Run.state.in_(UNDER_WAY),
            RunItem.outcome == Outcome.OPEN,
            RunItem.after.is_not(None),
        )
    )
    seen = {(each.contact_id, each.bit) for each in found}
    return {
        (contact_id, bit): act_id
        for contact_id, bit, act_id, sent in rows
        if (contact_id, bit) in seen and sent is not None and sent.permissions.get(bit) is False
    }
