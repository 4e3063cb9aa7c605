"""What changes in Spotler is in the mirror, and on the screens, after one job of the feed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import responses
from sqlalchemy import event, func, select, update
from sqlalchemy.engine import Engine

from spotler_plugin.extensions import db
from spotler_plugin.jobs import feed as jobs
from spotler_plugin.jobs.queue.enqueue import queue
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
from spotler_plugin.services.account.client import find_connection
from spotler_plugin.services.consent.acts import record_acts
from spotler_plugin.services.feed import follow, read
from spotler_plugin.services.feed.follow import follow_feed
from spotler_plugin.services.feed.state import (
    ask_full_reading,
    claim_feed,
    find_feed,
    is_full_due,
    overdue_feeds,
)
from spotler_plugin.services.link.status import Status
from spotler_plugin.services.mirror.read import find_mirrored
from spotler_plugin.services.mirror.record import record_contacts
from spotler_plugin.services.run.create import create_run
from spotler_plugin.spotler import ContactWrite
from tests.world.world import MONTHLY, QUARTERLY, World

REFUSED = "no database keeps this"


def read_everybody(world: World) -> None:
    assert follow_feed(world.environment.id)
    while follow.read_everybody(world.environment.id):
        pass


def row_of(world: World) -> Feed:
    row = find_feed(world.environment.id)
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
    assert row.full_finished_at and not is_full_due(row)
    assert not follow_feed(world.environment.id)


def test_who_opts_out_is_inactive(world: World, zoe: str) -> None:
    world.control("POST", f"/contacts/{zoe}/opt-out")
    follow_feed(world.environment.id)
    assert world.status(zoe).status is Status.INACTIVE
    world.control("POST", f"/contacts/{zoe}/standing", standing="active")
    follow_feed(world.environment.id)
    assert world.status(zoe).status is Status.SYNCED


def test_a_hard_bounce_counts_even_where_updates_do_not_tell(world: World, zoe: str) -> None:
    """Whether they do is not known (spotler-api.md §12)."""
    contact = world.sandbox.state.account.directory.find(zoe)
    assert contact is not None
    before = contact.changed
    world.control("POST", f"/contacts/{zoe}/bounce", type="HARD")
    world.sandbox.state.account.directory.touch(contact, before - 3_600_000)
    follow_feed(world.environment.id)
    assert world.status(zoe).status is Status.INACTIVE


def test_a_sign_off_is_noticed_once(world: World, zoe: str) -> None:
    world.sign_off(zoe, MONTHLY)
    follow_feed(world.environment.id)
    follow_feed(world.environment.id)
    [act] = seen_sign_offs(world, zoe)
    assert (act.bit, act.enabled) == (MONTHLY, False)
    assert act.at <= datetime.now(UTC)
    row = find_mirrored(world.environment.id, [zoe])[zoe]
    assert row.permissions[MONTHLY] is False


def test_our_own_writes_are_no_sign_offs(world: World, zoe: str) -> None:
    world.save(zoe, {MONTHLY: False, QUARTERLY: True})
    before = find_mirrored(world.environment.id, [zoe])[zoe].permissions
    follow_feed(world.environment.id)
    assert seen_sign_offs(world, zoe) == []
    assert find_mirrored(world.environment.id, [zoe])[zoe].permissions == before
    assert world.status(zoe).permissions_on == 1


def test_what_we_write_while_a_page_is_under_way_stays(world: World, zoe: str) -> None:
    read_at = datetime.now(UTC)
    page = [contact for contact in [world.in_spotler(zoe)] if contact]
    world.save(zoe, {QUARTERLY: True})
    record_contacts(world.environment.id, page, read_at)
    assert find_mirrored(world.environment.id, [zoe])[zoe].permissions[QUARTERLY]
    assert seen_sign_offs(world, zoe) == []


def test_who_lost_our_id_is_no_longer_tied(world: World, zoe: str) -> None:
    other = ContactWrite(external_id="other", properties={"email": "zoe@example.nl"})
    world.spotler.contacts.save(other)
    assert world.in_spotler(zoe) is None
    follow_feed(world.environment.id)
    assert world.status(zoe).status is Status.NOT_SYNCED
    world.spotler.contacts.save(ContactWrite(zoe, properties={"email": "zoe@example.nl"}))
    follow_feed(world.environment.id)
    assert world.status(zoe).status is Status.SYNCED


def test_a_refused_key_stops_the_environment(world: World) -> None:
    world.control("PUT", "/settings", revoked=True)
    assert not follow_feed(world.environment.id)
    found = find_connection(world.environment.id)
    assert found is not None and found.state is ConnectionState.REFUSED
    assert row_of(world).error == "credentials_refused"
    assert overdue_feeds() == []


@pytest.mark.parametrize("kind", ["backend_exception", "drop", "html", "rate_limit"])
def test_an_outage_is_kept_for_the_health_page_and_made_up_for(
    world: World, zoe: str, kind: str
) -> None:
    read_at = row_of(world).read_at
    world.control("POST", f"/contacts/{zoe}/opt-out")
    world.fault(kind, path="/contact/bounces/list", times=1, retry_after=0)
    assert not follow_feed(world.environment.id)
    row = row_of(world)
    assert row.error == ("busy" if kind == "rate_limit" else "spotler_away")
    assert row.error_at and row.read_at == read_at and row.lease is None
    follow_feed(world.environment.id)
    assert world.status(zoe).status is Status.INACTIVE
    row = row_of(world)
    assert row.read_at and row.error_at and row.read_at > row.error_at


@pytest.mark.parametrize("odd", ["half \ud83d", "nul \x00"])
def test_an_odd_text_hides_nobody_else(world: World, zoe: str, odd: str) -> None:
    """It stood in one address, and for ever after no sign-off in the account was seen."""
    known, now = world.in_spotler(zoe), datetime.now(UTC).isoformat()
    assert known is not None
    off = {"permissions": [{"bit": MONTHLY, "enabled": False}]}
    updates(
        world,
        {"encryptedId": "odd", "properties": {"email": f"{odd}@example.nl", odd: odd}},
        {
            "encryptedId": known.encrypted_id,
            "externalId": zoe,
            "lastChanged": now,
            "properties": off,
        },
    )
    assert seen_sign_offs(world, zoe)
    kept = select(MirrorContact).where(MirrorContact.encrypted_id == "odd")
    assert db.session.scalars(kept).one().address == f"{odd[:-1]}\ufffd@example.nl"
    assert row_of(world).error is None and row_of(world).skipped == 0


def updates(world: World, *rows: object) -> None:
    """Follow the feed while Spotler answers so."""
    base = world.sandbox.base_url
    with responses.RequestsMock() as wire:
        wire.get(f"{base}/contact/updates/list", json={"contacts": rows})
        wire.get(f"{base}/contact/bounces/list", json={"bounces": [7, None, {"contact": 7}]})
        follow_feed(world.environment.id)


@pytest.fixture
def narrow() -> Iterator[None]:
    """The database refuses what has REFUSED in it."""

    def refuse(_1: object, _2: object, _sql: object, given: object, _3: object, _4: object) -> None:
        if REFUSED in repr(given):
            raise OverflowError

    event.listen(Engine, "before_cursor_execute", refuse)
    yield
    event.remove(Engine, "before_cursor_execute", refuse)


@pytest.mark.parametrize(
    "odd",
    [
        7,
        None,
        {},
        {"encryptedId": "e" * 121},
        {"encryptedId": "odd", "properties": [1]},
        {"encryptedId": "odd", "properties": {"lastName": REFUSED}},
    ],
)
def test_who_cannot_be_read_or_kept_is_skipped_and_counted(
    world: World, zoe: str, narrow: None, odd: object
) -> None:
    now = datetime.now(UTC).isoformat()
    signed_off = {"encryptedId": "z", "externalId": zoe, "lastChanged": now,
                  "channels": [{"name": "EMAIL", "value": False}]}  # fmt: skip
    before = row_of(world).read_at
    updates(world, odd, signed_off)
    assert world.status(zoe).status is Status.INACTIVE
    row = row_of(world)
    assert (row.error, row.skipped) == (None, 1)
    assert before and row.read_at and row.read_at > before
    read_all_again(world)
    assert row_of(world).skipped == 0


def read_all_again(world: World) -> None:
    ask_full_reading(world.environment.id)
    db.session.commit()
    read_everybody(world)


def test_any_failure_of_a_reading_is_kept_for_the_overview(
    world: World, zoe: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object, **_named: object) -> object:
        raise KeyError("a bug of ours")

    monkeypatch.setattr(world.spotler.contacts.__class__, "bounces", broken)
    with pytest.raises(KeyError):
        follow_feed(world.environment.id)
    assert row_of(world).error == "unexpected" and row_of(world).lease is None


def test_one_worker_reads_at_a_time_and_a_dead_one_is_succeeded(world: World) -> None:
    assert claim_feed(world.environment.id)
    db.session.commit()
    assert not follow_feed(world.environment.id)
    assert world.calls("GET", "/contact/updates/list") == []
    db.session.execute(update(Feed).values(leased_until=datetime.now(UTC)))
    db.session.commit()
    assert follow_feed(world.environment.id)


def test_a_reading_of_everybody_goes_on_where_a_dead_worker_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "TURN_SECONDS", 0.0)
    monkeypatch.setattr("spotler_plugin.services.feed.windows.PAGE", 50)
    follow_feed(world.environment.id)
    assert follow.read_everybody(world.environment.id)
    since = row_of(world).full_since
    assert since is not None
    slices = 1
    while follow.read_everybody(world.environment.id):
        assert row_of(world).full_since is not None
        slices += 1
    assert slices > 3 and row_of(world).full_finished_at
    count = db.session.scalar(select(func.count()).select_from(MirrorContact))
    assert count == len(world.sandbox.state.account.directory)


def test_the_clock_enqueues_once_what_was_not_taken(world: World) -> None:
    jobs.enqueue_all()
    jobs.enqueue_all()
    assert queue().count == 1
    jobs.follow(world.environment.id)
    assert queue().count == 2  # Everybody is to be read.
    jobs.enqueue_all()
    assert queue().count == 3


class TestRunOfMany:
    """Nobody is asked for one by one; what changed is read instead."""

    def run(self, world: World, contact_ids: list[str], bit: int | None = None) -> UUID:
        created, _ = create_run(
            world.environment.id,
            contact_ids,
            kind=RunKind.BULK,
            source=Source.BULK,
            actor=None,
            request_token=uuid4(),
        )
        for contact_id in contact_ids:
            record_acts(created, contact_id, {} if bit is None else {bit: True})
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
        follow_feed(world.environment.id)
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
        follow_feed(world.environment.id)
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
