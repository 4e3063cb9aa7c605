"""Handle what is due of an environment's events, and make the runs that follow from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import select, update
from structlog import get_logger

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import (
    Environment,
    Event,
    EventOutcome,
    EventType,
    Link,
    Run,
    RunKind,
    Source,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.erasure.request import request_erasure
from spotler_plugin.services.event.inbox import Held, find_inbox, holding
from spotler_plugin.services.event.judge import Judged
from spotler_plugin.services.event.known import know
from spotler_plugin.services.event.merge import follow_merges, merge
from spotler_plugin.services.event.relation import (
    Primary,
    read_primaries,
    with_former,
    with_module_field,
)
from spotler_plugin.services.event.trigger import fire
from spotler_plugin.services.run.create import create_run
from spotler_plugin.sql import among

BATCH = 200
"""Events of one turn. All that are waiting of one contact lead to one look at it."""
SUSPECT, POISON = 2, 5
"""After so many turns without an end events are tried one by one; after more, one is given up."""

log = get_logger()


@dataclass(slots=True)
class Turn:
    """What a turn did, and leaves to do."""

    run_ids: list[UUID] = field(default_factory=list)
    """Runs to begin."""
    firing_ids: list[UUID] = field(default_factory=list)
    """Firings of automatic actions to carry out."""
    erasure_ids: list[UUID] = field(default_factory=list)
    """Erasures to go on with."""
    handled: int = 0
    """Events that were looked at."""
    is_ours: bool = False
    """Whether no other worker had the inbox."""


def take_turn(environment_id: int) -> Turn:
    """Handle a batch of events; nothing while another worker does, or when disabled."""
    turn = Turn()
    owner = db.session.get(Environment, environment_id, populate_existing=True)
    if owner is None or owner.disabled_at is not None:
        return turn
    with holding(environment_id) as held:
        if held is not None:
            turn.is_ours = True
            _handle(owner, held, turn)
    return turn


def _handle(owner: Environment, held: Held, turn: Turn) -> None:
    with snapshot():
        inbox = find_inbox(owner.id)
        attempts = inbox.attempts if inbox is not None else 0
        events = _due(owner.id, BATCH if attempts < SUSPECT else 1)
        modules = with_module_field(owner.id, events)
    if not events:
        return
    if attempts >= POISON:
        _give_up(held, events[0])
        return
    held.renew(attempts=attempts + 1)
    db.session.commit()
    asked = {str(event.relation_id): None for event in events if event.id in modules}
    primaries = _primaries(owner, held, list(asked))
    primaries = with_former(owner.id, primaries)
    follow_merges(owner.id, [each for each in events if each.type is EventType.CONTACT_MERGED])
    ids = {event.contact_id for event in events} | {event.merged_id for event in events}
    ids |= {each.contact_id for each in primaries.values()}
    judged = Judged(know(owner.id, {id_ for id_ in ids if id_}), primaries, modules)
    for event in events:
        judged.judge(event)
    run_ids = _store(owner.id, judged)
    firing_ids = fire(owner.id, judged.triggered)
    # Last: what was asked for in this batch is cancelled with the rest.
    erasure_ids = [
        request_erasure(owner.id, id_, Source.CRM, None).id for id_ in sorted(judged.erased)
    ]
    if not held.renew(attempts=0):
        db.session.rollback()
        return
    db.session.commit()
    log.info("event.handled", environment=owner.id, events=len(events), runs=len(run_ids))
    turn.run_ids, turn.firing_ids, turn.handled = run_ids, firing_ids, len(events)
    turn.erasure_ids = erasure_ids


def _due(environment_id: int, limit: int) -> Sequence[Event]:
    return db.session.scalars(
        select(Event)
        .where(
            Event.environment_id == environment_id,
            Event.outcome == EventOutcome.WAITING,
            Event.due_at <= datetime.now(UTC),
        )
        .order_by(Event.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    ).all()


def _primaries(owner: Environment, held: Held, relation_ids: Sequence[str]) -> dict[str, Primary]:
    """Ask the CRM who the primary contacts are, with no transaction open."""
    if not relation_ids:
        return {}
    with snapshot():
        crm = crm_of(owner)

    def renew() -> bool:
        kept = held.renew()
        db.session.commit()
        return kept

    return dict(read_primaries(crm, relation_ids, renew))


def _store(environment_id: int, judged: Judged) -> list[UUID]:
    """Make the runs, and note them on their events; the caller commits."""
    contacts = {
        kind: {id_ for event in events for id_ in (str(event.contact_id), *event.former_ids)}
        for kind, events in judged.runs.items()
    }
    merged = {str(event.merged_id) for event in judged.merges}
    if leaving := {id_ for id_ in merged if judged.known.is_linked(id_)}:
        contacts.setdefault(RunKind.PARTING, set()).update(leaving)
    runs = {kind: _run(environment_id, kind, contact_ids) for kind, contact_ids in contacts.items()}
    for kind, events in judged.runs.items():
        for event in events:
            event.outcome, event.run_id = EventOutcome.RUN, runs[kind].id
    for event in judged.merges:
        merge(environment_id, event, runs.get(RunKind.MERGE))
    if judged.deleted:
        db.session.execute(
            update(Link)
            .where(Link.environment_id == environment_id, among(Link.contact_id, judged.deleted))
            .values(deleted_at=datetime.now(UTC)),
            execution_options={"synchronize_session": False},
        )
    return [run.id for run in runs.values()]


def _run(environment_id: int, kind: RunKind, contact_ids: Collection[str]) -> Run:
    run, _ = create_run(
        environment_id,
        sorted(contact_ids),
        kind=kind,
        source=Source.CRM,
        actor=None,
        request_token=uuid4(),
    )
    return run


def _give_up(held: Held, event: Event) -> None:
    """Set aside an event on which workers keep ending; the others go on."""
    log.warning("event.given_up", environment=held.environment_id, id=event.id)
    event.outcome, event.reason = EventOutcome.FAILED, Reason.UNEXPECTED
    held.renew(attempts=0)
    db.session.commit()
