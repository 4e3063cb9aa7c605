"""What changes in Spotler is in the mirror, and on the screens, after one job of the feed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from spotler_plugin.extensions import db
from spotler_plugin.jobs import feed as jobs
from spotler_plugin.jobs.queue import queue
from spotler_plugin.models import (
    Act,
    ConnectionState,
    Feed,
    MirrorContact,
    Outcome,
    RunItem,
    RunKind,
    Source,
)
from spotler_plugin.services import (
    connection,
    feed,
    feed_reading,
    following,
    mirror,
    permission,
    run,
)
from spotler_plugin.services.link import Status
from spotler_plugin.spotler import ContactWrite
from tests.services.world import MONTHLY, QUARTERLY, World


def read_everybody(world: World) -> None:
    assert following.follow(world.environment.id)
    while following.read_all(world.environment.id):
        pass


def row_of(world: World) -> Feed:
    row = feed.find(world.environment.id)
    assert row is not None
    return row


def grow_old(world: World, seconds: float = 60) -> None:
    """The feed was last read a while ago."""
    row = row_of(world)
    assert row.read_at is not None
    row.read_at -= timedelta(seconds=seconds)
    db.session.commit()


def seen_sign_offs(world: World, contact_id: str) -> list[Act]:
    of_contact = select(Act).where(
        Act.environment_id == world.environment.id,
        Act.contact_id == contact_id,
        Act.source == Source.SPOTLER,
    )
    return list(db.session.scalars(of_contact))


@pytest.fixture
def zoe(world: World) -> str:
    """Linked, with one permission, and everybody in the mirror."""
    zoe = world.person("zoe@example.nl")
    world.save(zoe, {MONTHLY: True})
    read_everybody(world)
    assert world.status(zoe).status is Status.SYNCED
    return zoe


def test_everybody_is_read_when_an_account_is_connected(world: World) -> None:
    jobs.start(world.environment.id)
    assert queue().count == 1
    read_everybody(world)
    count = db.session.scalar(select(func.count()).select_from(MirrorContact))
    assert count == len(world.sandbox.state.account.directory) > 100
    assert len(world.calls("GET", "/contact/updates/list")) == 2
    row = row_of(world)
    assert row.full_finished_at and not feed.is_full_due(row)
    assert not following.follow(world.environment.id)


def test_who_opts_out_is_inactive(world: World, zoe: str) -> None:
    world.control("POST", f"/contacts/{zoe}/opt-out")
    following.follow(world.environment.id)
    assert world.status(zoe).status is Status.INACTIVE
    world.control("POST", f"/contacts/{zoe}/standing", standing="active")
    following.follow(world.environment.id)
    assert world.status(zoe).status is Status.SYNCED


def test_a_hard_bounce_counts_even_where_updates_do_not_tell(world: World, zoe: str) -> None:
    """Whether they do is not known (spotler-api.md §12)."""
    contact = world.sandbox.state.account.directory.find(zoe)
    assert contact is not None
    before = contact.changed
    world.control("POST", f"/contacts/{zoe}/bounce", type="HARD")
    world.sandbox.state.account.directory.touch(contact, before - 3_600_000)
    following.follow(world.environment.id)
    assert world.status(zoe).status is Status.INACTIVE


def test_a_sign_off_is_noticed_once(world: World, zoe: str) -> None:
    world.sign_off(zoe, MONTHLY)
    following.follow(world.environment.id)
    following.follow(world.environment.id)
    [act] = seen_sign_offs(world, zoe)
    assert (act.bit, act.enabled) == (MONTHLY, False)
    assert act.at <= datetime.now(UTC)
    row = mirror.find(world.environment.id, [zoe])[zoe]
    assert row.permissions[str(MONTHLY)] is False


def test_our_own_writes_are_no_sign_offs(world: World, zoe: str) -> None:
    world.save(zoe, {MONTHLY: False, QUARTERLY: True})
    before = mirror.find(world.environment.id, [zoe])[zoe].permissions
    following.follow(world.environment.id)
    assert seen_sign_offs(world, zoe) == []
    assert mirror.find(world.environment.id, [zoe])[zoe].permissions == before
    assert world.status(zoe).permissions_on == 1


def test_what_we_write_while_a_page_is_under_way_stays(world: World, zoe: str) -> None:
    read_at = datetime.now(UTC)
    page = [contact for contact in [world.in_spotler(zoe)] if contact]
    world.save(zoe, {QUARTERLY: True})
    mirror.record(world.environment.id, page, read_at)
    assert mirror.find(world.environment.id, [zoe])[zoe].permissions[str(QUARTERLY)]
    assert seen_sign_offs(world, zoe) == []


def test_who_lost_our_id_is_no_longer_tied(world: World, zoe: str) -> None:
    other = ContactWrite(external_id="other", properties={"email": "zoe@example.nl"})
    world.spotler.contacts.save(other)
    assert world.in_spotler(zoe) is None
    following.follow(world.environment.id)
    assert world.status(zoe).status is Status.NOT_SYNCED
    world.spotler.contacts.save(ContactWrite(zoe, properties={"email": "zoe@example.nl"}))
    following.follow(world.environment.id)
    assert world.status(zoe).status is Status.SYNCED


def test_a_refused_key_stops_the_environment(world: World) -> None:
    world.control("PUT", "/settings", revoked=True)
    assert not following.follow(world.environment.id)
    found = connection.find(world.environment.id)
    assert found is not None and found.state is ConnectionState.REFUSED
    assert row_of(world).error == "credentials_refused"
    assert feed.waiting() == []


@pytest.mark.parametrize("kind", ["backend_exception", "drop", "html", "rate_limit"])
def test_an_outage_is_kept_for_the_health_page_and_made_up_for(
    world: World, zoe: str, kind: str
) -> None:
    read_at = row_of(world).read_at
    world.control("POST", f"/contacts/{zoe}/opt-out")
    world.fault(kind, path="/contact/bounces/list", times=1, retry_after=0)
    assert not following.follow(world.environment.id)
    row = row_of(world)
    assert row.error == ("busy" if kind == "rate_limit" else "spotler_away")
    assert row.error_at and row.read_at == read_at and row.lease is None
    following.follow(world.environment.id)
    assert world.status(zoe).status is Status.INACTIVE
    row = row_of(world)
    assert row.read_at and row.error_at and row.read_at > row.error_at


def test_one_worker_reads_at_a_time_and_a_dead_one_is_succeeded(world: World) -> None:
    assert feed.claim(world.environment.id)
    db.session.commit()
    assert not following.follow(world.environment.id)
    assert world.calls("GET", "/contact/updates/list") == []
    db.session.execute(update(Feed).values(leased_until=datetime.now(UTC)))
    db.session.commit()
    assert following.follow(world.environment.id)


def test_a_reading_of_everybody_goes_on_where_a_dead_worker_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed_reading, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr("spotler_plugin.services.windows.PAGE", 50)
    following.follow(world.environment.id)
    assert following.read_all(world.environment.id)
    since = row_of(world).full_since
    assert since is not None
    slices = 1
    while following.read_all(world.environment.id):
        assert row_of(world).full_since is not None
        slices += 1
    assert slices > 3 and row_of(world).full_finished_at
    count = db.session.scalar(select(func.count()).select_from(MirrorContact))
    assert count == len(world.sandbox.state.account.directory)


def test_the_clock_rings_once_for_a_job_that_was_not_taken_up(world: World) -> None:
    jobs.ring_all()
    jobs.ring_all()
    assert queue().count == 1
    jobs.follow(world.environment.id)
    assert queue().count == 2  # Everybody is to be read.
    jobs.ring_all()
    assert queue().count == 3


class TestRunOfMany:
    """Nobody is asked for one by one; what changed is read instead."""

    def run(self, world: World, contact_ids: list[str], bit: int | None = None) -> UUID:
        created, _ = run.create(
            world.environment.id,
            contact_ids,
            kind=RunKind.BULK,
            source=Source.BULK,
            actor=None,
            request_token=uuid4(),
        )
        for contact_id in contact_ids:
            permission.act(created, contact_id, {} if bit is None else {bit: True})
        db.session.commit()
        world.control("DELETE", "/calls")
        world.work(created.id)
        return created.id

    def outcomes(self, run_id: UUID) -> dict[str, Outcome]:
        rows = db.session.scalars(select(RunItem).where(RunItem.run_id == run_id))
        return {row.contact_id: row.outcome for row in rows}

    def paths(self, world: World, method: str) -> list[str]:
        return [call["path"] for call in world.calls(method)]

    def test_new_contacts_are_looked_up_in_the_mirror(self, world: World, zoe: str) -> None:
        held = ContactWrite(external_id="held", properties={"email": "held@example.nl"})
        world.spotler.contacts.save(held)
        new, taken = world.person("new@example.nl"), world.person("Held@example.nl")
        free = world.person("Bestaand@example.nl")
        following.follow(world.environment.id)
        run_id = self.run(world, [new, taken, free])
        assert self.paths(world, "GET") == []
        assert self.paths(world, "POST") == ["/contact/list"]
        assert self.outcomes(run_id) == {
            new: Outcome.LINKED,
            taken: Outcome.BLOCKED,
            free: Outcome.LINKED,
        }

    def test_a_sign_off_of_a_moment_ago_wins(self, world: World, zoe: str) -> None:
        noor = world.person("noor@example.nl")
        world.save(noor, {MONTHLY: True})
        following.follow(world.environment.id)
        world.sign_off(noor, MONTHLY)
        grow_old(world)
        run_id = self.run(world, [zoe, noor], MONTHLY)
        assert self.paths(world, "GET") == ["/contact/updates/list", "/contact/bounces/list"]
        assert self.outcomes(run_id) == {zoe: Outcome.UNCHANGED, noor: Outcome.BLOCKED}
        found = world.in_spotler(noor)
        assert found is not None and not found.permissions[MONTHLY]

    def test_until_everybody_was_read_each_is_asked_for(self, world: World) -> None:
        people = [world.person("a@example.nl"), world.person("b@example.nl")]
        run_id = self.run(world, people)
        assert len(self.paths(world, "GET")) == 4
        assert set(self.outcomes(run_id).values()) == {Outcome.LINKED}

    def test_one_contact_is_always_asked_for(self, world: World, zoe: str) -> None:
        self.run(world, [zoe])
        assert self.paths(world, "GET") == [f"/contact/{zoe}"]
