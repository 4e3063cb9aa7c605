"""Acts as people see them: with whom they are about, and whether Spotler has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import UNDER_WAY, Act, Outcome, Run, RunItem, Source
from spotler_plugin.services.consent_log.people import Person, known_people
from spotler_plugin.sql import among, unindexed


@dataclass(frozen=True, slots=True)
class ActView:
    """An act as people see it."""

    id: int
    contact_id: str
    person: Person
    bit: int
    enabled: bool
    at: datetime
    actor_name: str | None
    source: Source
    ground: str | None
    digest: str | None
    """Of the address that it was about."""
    run_id: UUID | None
    applied_at: datetime | None
    is_under_way: bool
    """Whether Spotler may still get it."""


def read_acts(environment_id: int, ids: Sequence[int]) -> list[ActView]:
    """Return these acts, in this order."""
    # Past the ORM: a file has a million.
    rows = db.session.execute(
        select(
            Act.id,
            Act.contact_id,
            Act.bit,
            Act.enabled,
            Act.at,
            Act.actor_name,
            Act.source,
            Act.ground,
            Act.address_digest,
            Act.run_id,
            Act.applied_at,
            Run.state,
            RunItem.outcome,
        )
        .outerjoin(Run, Run.id == Act.run_id)
        .outerjoin(
            RunItem,
            and_(
                RunItem.environment_id == Act.environment_id,
                RunItem.run_id == Act.run_id,
                RunItem.contact_id == Act.contact_id,
            ),
        )
        .where(unindexed(Act.environment_id) == environment_id, among(Act.id, ids))
    ).all()
    people = known_people(environment_id, {row.contact_id for row in rows})
    views = {
        row.id: ActView(
            id=row.id,
            contact_id=row.contact_id,
            person=people.get(row.contact_id, Person()),
            bit=row.bit,
            enabled=row.enabled,
            at=row.at,
            actor_name=row.actor_name,
            source=row.source,
            ground=row.ground,
            digest=row.address_digest,
            run_id=row.run_id,
            applied_at=row.applied_at,
            is_under_way=row.applied_at is None
            and row.state in UNDER_WAY
            and row.outcome is Outcome.OPEN,
        )
        for row in rows
    }
    return [views[id_] for id_ in ids if id_ in views]
