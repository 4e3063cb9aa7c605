"""A write that arrives after its lease was lost: it is not told as if it counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from spotler_plugin.extensions import db, redis_server
from spotler_plugin.models import Outcome, Run, RunItem, RunKind, RunState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.link.lease import LEASE
from spotler_plugin.services.mirror.read import known_states
from spotler_plugin.services.mirror.record import record_contacts
from spotler_plugin.services.mirror.write import doubt
from spotler_plugin.services.run.due import overdue_runs
from spotler_plugin.services.sources.by_kind import source_of
from spotler_plugin.services.sync.call import AccountMemory
from spotler_plugin.services.sync.chunk import Chunk
from spotler_plugin.services.sync.claim import claim_chunk
from spotler_plugin.services.sync.ledger import record_results
from spotler_plugin.services.sync.prepare import prepare_chunk
from spotler_plugin.services.sync.send import send_changes
from tests.world.crowd import Crowd, work
from tests.world.world import MONTHLY, World

Later = Callable[[], None]


@pytest.fixture
def later(world: World) -> Iterator[Later]:
    """Let all leases of now end."""
    world.control("PUT", "/settings", check_clock=False)
    with time_machine.travel(datetime.now(UTC), tick=True) as clock:

        def travel() -> None:
            clock.shift(LEASE + timedelta(seconds=1))
            redis_server.queue.flushdb()

        yield travel


@pytest.fixture
def zoe(world: World) -> str:
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    return zoe


def rename(world: World, contact_id: str, name: str) -> None:
    world.crm.data.contacts.change(contact_id, {"first_name": name}, silent=True)


def begin(world: World, run_id: UUID) -> Chunk:
    """A worker claims and plans; it is about to call."""
    run = db.session.get_one(Run, run_id)
    chunk = claim_chunk(run, world.environment)
    assert chunk is not None
    prepare_chunk(chunk, source_of(run, world.environment), world.spotler)
    db.session.commit()
    return chunk


def send(world: World, chunk: Chunk) -> Callable[[], None]:
    """The call takes long: the lease was renewed right before. Returns how it is recorded."""
    account = AccountMemory(chunk.environment_id, world.spotler)
    results = send_changes(world.spotler, chunk.writes, lambda: chunk.writes, account).results

    def record() -> None:
        record_results(chunk, results)
        db.session.commit()

    return record


def test_an_old_value_over_a_newer_one_is_mended(world: World, zoe: str, later: Later) -> None:
    rename(world, zoe, "Oud")
    first = world.ask(zoe)
    chunk = begin(world, first)
    later()
    rename(world, zoe, "Nieuw")
    second = world.save(zoe)
    assert (second.outcome, second.state) == (Outcome.UPDATED, RunState.FINISHED)
    send(world, chunk)()
    assert world.first_name(zoe) == "Oud"
    again = world.view(second.id, zoe)
    assert (again.outcome, again.state) == (Outcome.OPEN, RunState.OPEN)
    later()
    assert set(overdue_runs()) == {first, second.id}
    world.work(second.id)
    assert world.first_name(zoe) == "Nieuw"
    assert world.view(second.id, zoe).state is RunState.FINISHED
    world.work(first)
    assert world.first_name(zoe) == "Nieuw"
    assert world.view(first, zoe).state is RunState.FINISHED


def test_a_permission_that_is_off_stays_off(world: World, zoe: str, later: Later) -> None:
    first = world.ask(zoe, {MONTHLY: True})
    chunk = begin(world, first)
    later()
    second = world.save(zoe, {MONTHLY: False})
    send(world, chunk)()
    found = world.in_spotler(zoe)
    assert found is not None and found.permissions[MONTHLY]
    later()
    for run_id in (first, second.id):
        world.work(run_id)
        assert world.view(run_id, zoe).state is RunState.FINISHED
    found = world.in_spotler(zoe)
    assert found is not None and not found.permissions[MONTHLY]


def test_who_writes_at_the_same_time_looks_again_too(world: World, zoe: str, later: Later) -> None:
    """The newer write is sent, and recorded after the one that came too late."""
    rename(world, zoe, "Oud")
    first = begin(world, world.ask(zoe))
    later()
    rename(world, zoe, "Nieuw")
    second = begin(world, world.ask(zoe))
    record_second = send(world, second)
    send(world, first)()
    record_second()
    assert world.view(second.run.id, zoe).outcome is Outcome.OPEN
    later()
    world.work(second.run.id)
    assert world.first_name(zoe) == "Nieuw"
    assert world.view(second.run.id, zoe).outcome is Outcome.UPDATED


@pytest.mark.people(3)
def test_of_many_the_mirror_is_not_believed(world: World, crowd: Crowd, later: Later) -> None:
    crowd.change(0, 3, first_name="Oud")
    first = begin(world, crowd.ask(RunKind.SYNC))
    later()
    crowd.change(0, 3, first_name="Nieuw")
    second = crowd.ask(RunKind.SYNC)
    assert work(second).updated == 3
    send(world, first)()
    later()
    assert work(second).updated == 3
    assert {world.first_name(id_) for id_ in crowd.ids} == {"Nieuw"}
    world.work(first.run.id)
    told = db.session.execute(
        select(RunItem.outcome, RunItem.reason).where(RunItem.run_id == first.run.id)
    )
    assert {*told} == {(Outcome.FAILED, Reason.STOPPED_MIDWAY)}, "the second run stopped it"


def test_what_is_doubted_counts_when_it_is_read_again(world: World, zoe: str) -> None:
    owner, before = world.environment.id, datetime.now(UTC)
    contact = world.in_spotler(zoe)
    assert contact is not None
    record_contacts(owner, [contact], before)
    assert set(known_states(owner, [zoe])) == {zoe}
    doubt(owner, [zoe])
    record_contacts(owner, [contact], before)
    assert known_states(owner, [zoe]) == {}
    record_contacts(owner, [contact], datetime.now(UTC))
    assert set(known_states(owner, [zoe])) == {zoe}
