"""What a run would do: ask for it, watch it, stop it, forget it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import delete, func, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Link, Preview, PreviewState, RunKind
from spotler_plugin.planning.proposal import Key, Proposal
from spotler_plugin.planning.tally import Tally
from spotler_plugin.services import mapping
from spotler_plugin.services.actor import Actor

RING_AGAIN = timedelta(seconds=10)
KEPT = timedelta(days=1)
"""It holds values of people; and what it said is long outdated by then."""


def create(environment: Environment, kind: RunKind, proposal: Proposal, actor: Actor) -> Preview:
    """Ask for one; what the same person left half worked out is stopped."""
    now = datetime.now(UTC)
    db.session.execute(
        update(Preview)
        .where(
            Preview.environment_id == environment.id,
            Preview.actor_id == actor.id,
            Preview.state == PreviewState.OPEN,
        )
        .values(state=PreviewState.CANCELLED, finished_at=now)
    )
    preview = Preview(
        id=uuid4(),
        environment_id=environment.id,
        kind=kind,
        actor_id=actor.id,
        actor_name=actor.name,
        mapping_version=environment.mapping_version,
        base=_listed(mapping.saved(environment.id)),
        proposal=_listed(proposal),
        created_at=now,
        due_at=now,
        rung_at=now,
        total=_linked(environment.id),
        tally={},
        samples=[],
        claims={},
    )
    db.session.add(preview)
    db.session.flush()
    return preview


def find(environment_id: int, preview_id: UUID) -> Preview | None:
    return db.session.scalar(
        select(Preview).where(Preview.environment_id == environment_id, Preview.id == preview_id)
    )


def tally_of(preview: Preview) -> Tally:
    return Tally(**preview.tally)


def proposal_of(preview: Preview) -> dict[Key, str]:
    return _pairs(preview.proposal)


def base_of(preview: Preview) -> dict[Key, str]:
    """The mapping that was there when it was asked for."""
    return _pairs(preview.base)


def seconds_left(row: Preview) -> float | None:
    """Until it is worked out, at the pace so far; None while nothing is known of that."""
    done = tally_of(row).total
    if not done or row.state is not PreviewState.OPEN:
        return None
    passed = (datetime.now(UTC) - row.created_at).total_seconds()
    return passed / done * max(row.total - done, 0)


def seconds_of_run(row: Preview) -> float:
    """What the run will take: the same reading again, and Spotler's calls at the account's pace."""
    pace = current_app.config["SPOTLER_CALLS_PER_SECOND"]
    reading = ((row.finished_at or row.created_at) - row.created_at).total_seconds()
    return reading + (tally_of(row).calls / pace if pace else 0)


def cancel(environment_id: int, preview_id: UUID) -> None:
    """Stop working it out; a worker that is at it notices with its next chunk."""
    db.session.execute(
        update(Preview)
        .where(
            Preview.environment_id == environment_id,
            Preview.id == preview_id,
            Preview.state == PreviewState.OPEN,
        )
        .values(state=PreviewState.CANCELLED, finished_at=datetime.now(UTC))
    )


def overdue() -> Sequence[tuple[int, UUID]]:
    """Those of all environments that wait to be worked on, as environment and id."""
    now = datetime.now(UTC)
    rows = db.session.execute(
        update(Preview)
        .where(
            Preview.state == PreviewState.OPEN,
            Preview.due_at <= now,
            or_(Preview.leased_until.is_(None), Preview.leased_until < now),
            or_(Preview.rung_at.is_(None), Preview.rung_at < now - RING_AGAIN),
        )
        .values(rung_at=now)
        .returning(Preview.environment_id, Preview.id)
        .execution_options(across_environments=True)
    )
    return [(environment_id, preview_id) for environment_id, preview_id in rows]


def forget_old() -> None:
    """Of all environments, at the end of their day."""
    db.session.execute(
        delete(Preview)
        .where(Preview.created_at < datetime.now(UTC) - KEPT)
        .execution_options(across_environments=True)
    )


def _linked(environment_id: int) -> int:
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Link)
            .where(Link.environment_id == environment_id, Link.linked_at.is_not(None))
        )
        or 0
    )


def _listed(proposal: Proposal) -> list[list[str]]:
    return [[entity, field, property] for (entity, field), property in sorted(proposal.items())]


def _pairs(listed: Sequence[Sequence[str]]) -> dict[Key, str]:
    return {(entity, field): property for entity, field, property in listed}
