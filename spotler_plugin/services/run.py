"""Runs: ask for one, stop it, let it go on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import func, insert, literal, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Environment,
    Link,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.services import lane
from spotler_plugin.services.actor import Actor
from spotler_plugin.sql import insert_new

SMALL = 10
"""A run of so few has a person waiting for it, and overtakes."""
OF_ALL_LINKED = (RunKind.MAPPING, RunKind.SYNC)
"""Kinds of which a newer one does all that an older one had still to do."""


def create(
    environment_id: int,
    contact_ids: Collection[str],
    *,
    kind: RunKind,
    source: Source,
    actor: Actor | None,
    request_token: UUID,
    take_over: bool = False,
) -> tuple[Run, bool]:
    """Add a run over these contacts; a form sent twice gets the run it made before, and False."""
    known = _asked_before(environment_id, request_token)
    if known is not None:
        return known, False
    run = _new(environment_id, kind, source, actor, request_token)
    run.selected = len(contact_ids)
    db.session.flush()
    lane.open_for(environment_id, contact_ids)
    insert_new(
        RunItem,
        [
            {
                "environment_id": environment_id,
                "run_id": run.id,
                "contact_id": contact_id,
                "take_over": take_over,
                "due_at": run.created_at,
            }
            for contact_id in contact_ids
        ],
    )
    return run, True


def create_for_linked(
    environment: Environment, *, kind: RunKind, actor: Actor, request_token: UUID
) -> Run:
    """Add a run over all linked contacts; runs of that sort that are still open are stopped."""
    known = _asked_before(environment.id, request_token)
    if known is not None:
        return known
    _supersede(environment.id)
    run = _new(environment.id, kind, Source.ADMIN, actor, request_token)
    run.mapping_version = environment.mapping_version
    db.session.flush()
    linked = (
        select(
            Link.environment_id,
            literal(run.id, RunItem.run_id.type),
            Link.contact_id,
            literal(run.created_at, RunItem.due_at.type),
        )
        .where(Link.environment_id == environment.id, Link.linked_at.is_not(None))
        .order_by(Link.id)
    )
    columns = ["environment_id", "run_id", "contact_id", "due_at"]
    # One statement, past the session: it may be a hundred thousand.
    db.session.connection().execute(insert(RunItem).from_select(columns, linked))
    # Counted, because not every database says how many it inserted this way.
    run.selected = db.session.scalars(
        select(func.count())
        .select_from(RunItem)
        .where(RunItem.environment_id == environment.id, RunItem.run_id == run.id)
    ).one()
    db.session.flush()
    return run


def cancel(environment_id: int, run_id: UUID) -> None:
    """Ask a run to stop; it does so before its next chunk."""
    db.session.execute(
        update(Run)
        .where(Run.environment_id == environment_id, Run.id == run_id)
        .where(Run.state.in_((RunState.OPEN, RunState.HALTED)))
        .values(cancel_asked_at=datetime.now(UTC), state=RunState.OPEN)
    )


def resume_halted(environment_id: int) -> Sequence[UUID]:
    """The cause was repaired: open the environment's halted runs again; the caller rings."""
    rows = db.session.scalars(
        update(Run)
        .where(Run.environment_id == environment_id, Run.state == RunState.HALTED)
        .values(state=RunState.OPEN, halted_because=None, rung_at=None)
        .returning(Run.id)
    )
    return rows.all()


def resume(environment_id: int, run_id: UUID) -> None:
    """A person says that the cause was repaired; if it was not, the run halts again."""
    db.session.execute(
        update(Run)
        .where(
            Run.environment_id == environment_id,
            Run.id == run_id,
            Run.state == RunState.HALTED,
        )
        .values(state=RunState.OPEN, halted_because=None)
    )


def _asked_before(environment_id: int, request_token: UUID) -> Run | None:
    return db.session.scalar(
        select(Run).where(Run.environment_id == environment_id, Run.request_token == request_token)
    )


def _new(
    environment_id: int, kind: RunKind, source: Source, actor: Actor | None, request_token: UUID
) -> Run:
    run = Run(
        id=uuid4(),
        environment_id=environment_id,
        request_token=request_token,
        kind=kind,
        source=source,
        actor_id=actor.id if actor else None,
        actor_name=actor.name if actor else None,
        created_at=datetime.now(UTC),
    )
    db.session.add(run)
    return run


def _supersede(environment_id: int) -> None:
    """What they did not come to, the new run does; each is stopped before its next chunk."""
    db.session.execute(
        update(Run)
        .where(
            Run.environment_id == environment_id,
            Run.kind.in_(OF_ALL_LINKED),
            Run.state.in_((RunState.OPEN, RunState.HALTED)),
            Run.cancel_asked_at.is_(None),
        )
        .values(cancel_asked_at=datetime.now(UTC), state=RunState.OPEN, rung_at=None)
    )
