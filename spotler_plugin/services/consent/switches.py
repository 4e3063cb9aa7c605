"""The permissions of one contact as the modal shows them, and where each state comes from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, and_, bindparam, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    UNDER_WAY,
    Act,
    Outcome,
    Run,
    RunItem,
    RunState,
    Source,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.catalogue.permissions import listed_permissions
from spotler_plugin.services.consent.sign_off import last_sign_offs

_OWNER: BindParameter[int] = bindparam("owner")
_CONTACT: BindParameter[str] = bindparam("contact")
_OF_ITEM = and_(
    RunItem.environment_id == _OWNER, RunItem.run_id == Act.run_id, RunItem.contact_id == _CONTACT
)
# Made once: making a statement takes as long as executing it, and each modal asks for this.
_ACTS = (
    select(Act, Run.state, Run.halted_because, RunItem.outcome, RunItem.reason, RunItem.due_at)
    .outerjoin(Run, and_(Run.environment_id == _OWNER, Run.id == Act.run_id))
    .outerjoin(RunItem, _OF_ITEM)
    .where(Act.environment_id == _OWNER, Act.contact_id == _CONTACT)
    .order_by(Act.at, Act.id)
    # Acts are marked past the session, so rows in it may be outdated.
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Origin:
    """The act that a state comes from."""

    enabled: bool
    at: datetime
    source: Source
    by: str | None
    ground: str | None
    contact_id: str
    """Another one's, where that is the same person."""


@dataclass(frozen=True, slots=True)
class PermissionSwitch:
    """A permission as the modal shows it: what was asked last, or else what Spotler has."""

    bit: int
    description: str
    enabled: bool
    is_waiting: bool
    """Whether it was asked, and Spotler does not have it yet."""
    origin: Origin | None = None
    """Why it is so; None where no act of ours explains it."""
    reason: Reason | None = None
    """Why it waits, where it was tried, or stands still."""
    until: datetime | None = None
    """When it is tried again, where that goes by the clock."""
    signed_off: Origin | None = None
    """The sign-off in Spotler that switching it on would go against."""


Waiting = tuple[Origin | None, Reason | None, datetime | None]
"""What was asked, why it waits, and until when."""
NOT_WAITING: Waiting = (None, None, None)


def permission_switches(
    environment_id: int,
    contact_id: str,
    known: Mapping[int, bool],
    sign_offs: Mapping[int, Act] | None = None,
) -> list[PermissionSwitch]:
    """Return all permissions of the account, in its order, with this contact's state.

    `known` is what Spotler has on and off; `sign_offs` are the last ones of this person by bit,
    whoever's id they were under.
    """
    newest, waits = _acts(environment_id, contact_id)
    switches = []
    for permission in listed_permissions(environment_id):
        bit = permission.bit
        asked, reason, until = waits.get(bit, NOT_WAITING)
        enabled = asked.enabled if asked else known.get(bit, False)
        last = asked or newest.get(bit)
        off = None if enabled else (sign_offs or {}).get(bit)
        # It was switched in Spotler since, where the act does not explain the state.
        origin = last if last is not None and last.enabled is enabled else None
        if off is not None and (origin is None or off.at > origin.at):
            origin = _origin(off)
        switches.append(
            PermissionSwitch(
                bit=bit,
                description=permission.description,
                enabled=enabled,
                origin=origin,
                is_waiting=asked is not None,
                reason=reason,
                until=until,
                signed_off=_origin(off)
                if off is not None and asked is None and off.source is Source.SPOTLER
                else None,
            )
        )
    return switches


def sign_offs_of(
    environment_id: int, contact_id: str, addresses: Collection[str]
) -> dict[int, Act]:
    """Return by bit the last sign-off of the person who has these addresses."""
    found = last_sign_offs(environment_id, {contact_id: addresses})
    return {bit: act for (_contact_id, bit), act in found.items()}


def _acts(environment_id: int, contact_id: str) -> tuple[dict[int, Origin], dict[int, Waiting]]:
    """Return by bit the newest act that took effect, and the one that waits, if that is newer."""
    newest: dict[int, Origin] = {}
    waiting: dict[int, Waiting] = {}
    rows = db.session.execute(_ACTS, {"owner": environment_id, "contact": contact_id})
    for act, state, halted, outcome, reason, due_at in rows:
        if act.applied_at is not None:
            newest[act.bit] = _origin(act)
            waiting.pop(act.bit, None)
        elif state in UNDER_WAY and outcome is Outcome.OPEN:
            stands = halted if state is RunState.HALTED else None
            until = due_at if reason and not stands else None
            waiting[act.bit] = _origin(act), stands or reason, until
    return newest, waiting


def _origin(act: Act) -> Origin:
    return Origin(
        enabled=act.enabled,
        at=act.at,
        source=act.source,
        by=act.actor_name,
        ground=act.ground,
        contact_id=act.contact_id,
    )
