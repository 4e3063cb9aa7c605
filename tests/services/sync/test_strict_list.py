"""A Spotler whose `contact/list` only updates, and one whose list creates: spotler-api.md §2.1."""

from __future__ import annotations

from uuid import uuid4

import pytest
import requests

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, Outcome, Run, RunItem, RunKind, Source, Whom
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.account.client import list_only_updates
from spotler_plugin.services.link.status import Status
from spotler_plugin.services.run.create import SMALL, create_run, create_run_for
from spotler_plugin.services.sync import send
from spotler_plugin.services.sync.advance import advance_run
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd, read_feed, work
from tests.world.world import MONTHLY, World

EITHER = pytest.mark.parametrize("creates", [True, False], ids=["creates", "only updates"])


def people(world: World, number: int, start: int = 0) -> list[str]:
    return [world.person(f"p{n}@example.nl") for n in range(start, start + number)]


def asked(world: World, ids: list[str]) -> Run:
    made, _ = create_run(
        world.environment.id,
        ids,
        kind=RunKind.BULK,
        source=Source.BULK,
        actor=ALICE,
        request_token=uuid4(),
    )
    db.session.commit()
    return made


def bulk(world: World, ids: list[str]) -> Run:
    return work(asked(world, ids).id)


def synchronise(world: World) -> Run:
    made = create_run_for(
        world.environment, Whom.LINKED, kind=RunKind.SYNC, actor=ALICE, request_token=uuid4()
    )
    db.session.commit()
    return work(made.id)


def posts(world: World) -> tuple[int, int]:
    """Calls for many, and for one."""
    return len(world.calls("POST", "/contact/list")), len(world.calls("POST", "/contact"))


@EITHER
def test_everybody_is_linked_whatever_the_list_does(world: World, creates: bool) -> None:
    world.control("PUT", "/settings", list_creates=creates)
    made = bulk(world, people(world, 5))
    assert (made.linked, made.selected) == (5, 5)
    assert posts(world) == (1, 0 if creates else 5)
    assert list_only_updates(world.environment.id) is not creates


@EITHER
def test_a_person_links_one_with_a_permission(world: World, creates: bool) -> None:
    world.control("PUT", "/settings", list_creates=creates)
    zoe = world.person("zoe@example.nl")
    assert world.save(zoe, {MONTHLY: True}).outcome is Outcome.LINKED
    found = world.in_spotler(zoe)
    assert found is not None and found.permissions[MONTHLY]


def test_the_detour_is_taken_once(world: World) -> None:
    world.control("PUT", "/settings", list_creates=False)
    first = people(world, 3)
    bulk(world, first)
    world.control("DELETE", "/calls")
    world.crm.data.contacts.change(first[0], {"first_name": "Anders"}, silent=True)
    made = bulk(world, [*first, *people(world, 2, start=3)])
    assert (made.linked, made.updated, made.unchanged) == (2, 1, 2)
    assert posts(world) == (1, 2), "who is to be linked alone, who is to be updated by the list"


def test_what_takes_too_long_comes_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send, "SINGLE_SECONDS", 0.0)
    world.control("PUT", "/settings", list_creates=False)
    made = bulk(world, people(world, 4))
    assert made.linked == 4 and posts(world) == (1, 4), "nobody is written twice"
    tries = db.session.scalars(db.select(RunItem.attempts).where(RunItem.run_id == made.id))
    assert set(tries) == {0}


def test_who_waits_for_the_worker_does_not_wait_for_all_calls(world: World) -> None:
    world.control("PUT", "/settings", list_creates=False)
    bulk(world, people(world, 1))
    world.control("DELETE", "/calls")
    ids = people(world, SMALL + 1, start=1)
    made = asked(world, ids)
    assert advance_run(made.id, lambda is_over: True), "there is more to do"
    lists, ones = posts(world)
    # Some more where they were begun before the worker came to look who waits.
    assert lists == 0 and 1 <= ones < len(ids)
    assert work(made.id).linked == len(ids) and posts(world) == (0, len(ids))


def test_who_waits_does_not_wait_until_everybody_was_asked_for(world: World) -> None:
    """Nothing is known of Spotler's contacts yet: each of the chunk is looked up."""
    ids = people(world, SMALL + 1)
    made = asked(world, ids)
    assert advance_run(made.id, lambda is_over: True), "there is more to do"
    lookups = len(world.calls("GET", "/contact/*"))
    assert 1 <= lookups < len(ids)
    tied = db.session.scalar(db.select(db.func.count()).where(Link.linked_at.is_not(None)))
    assert tied is not None and 1 <= tied < len(ids)
    assert work(made.id).linked == len(ids)
    crashes = db.session.scalars(db.select(RunItem.crashes).where(RunItem.run_id == made.id))
    assert set(crashes) == {1}, "being left to another chunk is no crash"


@pytest.mark.parametrize("kind", ["backend_exception", "rate_limit", "drop"])
def test_a_fault_of_one_call_is_sat_out(world: World, kind: str) -> None:
    world.control("PUT", "/settings", list_creates=False)
    world.fault(kind, method="POST", path="/contact", times=1)
    run_id = world.ask(world.person("zoe@example.nl"))
    world.work(run_id)
    item = db.session.scalars(db.select(RunItem).where(RunItem.run_id == run_id)).one()
    assert (item.outcome, item.attempts) == (Outcome.OPEN, 1)


def test_a_refusal_of_one_stays_its_own(world: World) -> None:
    world.control("PUT", "/settings", list_creates=False)
    ids = people(world, 3)
    world.control("PUT", "/settings", forced_codes={ids[1]: "PROPERTY_INVALID"})
    made = bulk(world, ids)
    assert (made.linked, made.rejected) == (2, 1)


@pytest.mark.people(3)
@pytest.mark.parametrize("emptied", [False, True], ids=["changed", "emptied"])
def test_who_was_deleted_in_spotler_is_not_linked(
    world: World, crowd: Crowd, emptied: bool
) -> None:
    """Its link ends with the reason; a synchronisation does not bring it back."""
    gone = crowd.ids[1]
    world.control("PUT", "/settings", list_creates=False)
    requests.delete(f"{world.sandbox.url}/_sandbox/contacts/{gone}", timeout=5)
    crowd.change(0, 3, **({"phone": None} if emptied else {"first_name": "Anders"}))
    made = synchronise(world)
    assert (made.updated, made.blocked) == (2, 1)
    item = db.session.scalars(
        db.select(RunItem).where(RunItem.run_id == made.id, RunItem.contact_id == gone)
    ).one()
    assert (item.reason, item.before, item.attempts) == (Reason.GONE_IN_SPOTLER, None, 0)
    status = world.status(gone)
    assert (status.status, status.reason) == (Status.NOT_SYNCED, Reason.GONE_IN_SPOTLER)
    assert world.in_spotler(gone) is None and synchronise(world).selected == 2

    assert world.save(gone).outcome is Outcome.LINKED, "a person may"
    read_feed(world)
    assert world.status(gone).reason is None
