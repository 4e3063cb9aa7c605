"""Who switched a permission of the contact, and whose its address is, as a person said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    UNDER_WAY,
    Act,
    AddressAct,
    Link,
    Outcome,
    Run,
    RunItem,
    RunState,
    Source,
)
from spotler_plugin.planning.history.place import Kind
from spotler_plugin.services.history.line import Wish


@dataclass(frozen=True, slots=True)
class Switched:
    """A permission that was switched, or was to be."""

    key: int
    at: datetime
    contact_id: str
    """Another one's, where that was merged into this contact."""
    bit: int
    enabled: bool
    source: Source
    actor_name: str | None
    ground: str | None
    is_applied: bool
    """Whether Spotler has it, or had it."""
    is_open: bool
    """Whether it is still under way."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A person said whose the address is."""

    key: int
    at: datetime
    contact_id: str
    owner_id: str
    actor_name: str | None


def find_switched(wish: Wish, rank: int) -> list[Switched]:
    if wish.kind not in (None, Kind.PERMISSION):
        return []
    merged = select(Link.contact_id).where(
        Link.environment_id == wish.environment_id, Link.merged_into == wish.contact_id
    )
    of_item = and_(
        RunItem.environment_id == wish.environment_id,
        RunItem.run_id == Act.run_id,
        RunItem.contact_id == Act.contact_id,
    )
    rows = db.session.execute(
        select(Act, Run.state, RunItem.outcome)
        .outerjoin(Run, and_(Run.environment_id == wish.environment_id, Run.id == Act.run_id))
        .outerjoin(RunItem, of_item)
        .where(
            Act.environment_id == wish.environment_id,
            Act.contact_id.in_([wish.contact_id, *db.session.scalars(merged)]),
            *wish.rest(rank, Act.at, Act.id, int),
        )
        .order_by(Act.at.desc(), Act.id.desc())
        .limit(wish.limit)
        # Acts are marked past the session, so rows in it may be outdated.
        .execution_options(populate_existing=True)
    )
    return [_switched(act, state, outcome) for act, state, outcome in rows]


def find_settled(wish: Wish, rank: int) -> list[Settled]:
    if wish.kind not in (None, Kind.LINK):
        return []
    rows = db.session.scalars(
        select(AddressAct)
        .where(
            AddressAct.environment_id == wish.environment_id,
            AddressAct.contact_id == wish.contact_id,
            *wish.rest(rank, AddressAct.at, AddressAct.id, int),
        )
        .order_by(AddressAct.at.desc(), AddressAct.id.desc())
        .limit(wish.limit)
    )
    return [Settled(row.id, row.at, row.contact_id, row.owner_id, row.actor_name) for row in rows]


def _switched(act: Act, state: RunState | None, outcome: Outcome | None) -> Switched:
    return Switched(
        key=act.id,
        at=act.at,
        contact_id=act.contact_id,
        bit=act.bit,
        enabled=act.enabled,
        source=act.source,
        actor_name=act.actor_name,
        ground=act.ground,
        is_applied=act.applied_at is not None,
        is_open=state in UNDER_WAY and outcome is Outcome.OPEN,
    )
