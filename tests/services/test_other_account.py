"""A key of another account: recognised, nothing happens until confirmed, and then all is anew."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests

from demo.spotler.faults import Fault
from demo.spotler.server import Sandbox
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    ConnectionState,
    Environment,
    Link,
    MirrorContact,
    Outcome,
    Run,
    RunKind,
    RunState,
    Source,
    Whom,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.account.client import Unconfirmed, client_of, find_connection
from spotler_plugin.services.catalogue.due import overdue_catalogues
from spotler_plugin.services.catalogue.permissions import permission_labels
from spotler_plugin.services.connection import credentials, replacement
from spotler_plugin.services.connection.credentials import KeyRefused, OtherAccount, SpotlerAway
from spotler_plugin.services.connection.replacement import Outlook
from spotler_plugin.services.contact.standing import view_contact
from spotler_plugin.services.contact.view import refresh_contact
from spotler_plugin.services.feed.follow import follow_feed
from spotler_plugin.services.feed.known import find_known
from spotler_plugin.services.feed.state import find_feed, overdue_feeds
from spotler_plugin.services.link.status import Status
from spotler_plugin.services.run.create import create_run_for
from spotler_plugin.services.run.items import Filter
from spotler_plugin.services.run.retry import retry_items
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd, read_feed
from tests.world.world import MONTHLY, World

pytestmark = pytest.mark.people(6)

SEED = 7
"""Of the other account: its contacts have other encrypted ids."""


@pytest.fixture
def other() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        sandbox.state.reset(empty=True, seed=SEED)
        yield sandbox


def plant(sandbox: Sandbox, contact_id: str, email: str, **properties: Any) -> None:
    body = {"contacts": [{"externalId": contact_id, "email": email, "properties": properties}]}
    requests.post(f"{sandbox.url}/_sandbox/contacts", json=body, timeout=5).raise_for_status()


def contacts_of(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    found = requests.get(f"{sandbox.url}/_sandbox/contacts", timeout=5).json()["contacts"]
    return {each.get("externalId", each["encryptedId"]): each for each in found}


def writes(sandbox: Sandbox) -> int:
    calls = requests.get(f"{sandbox.url}/_sandbox/calls?method=*&path=*", timeout=5).json()["calls"]
    return sum(call["method"] != "GET" for call in calls)


def use(world: World, other: Sandbox) -> None:
    """Paste a key of the other account."""
    world.environment.spotler_url = other.base_url
    db.session.commit()
    with pytest.raises(OtherAccount):
        credentials.connect(world.environment, other.key, other.secret, ALICE)
    db.session.commit()


def confirm(world: World, *, keeps_links: bool = True) -> None:
    assert replacement.go_on(world.environment, keeps_links=keeps_links) is not None
    db.session.commit()
    db.session.expire_all()


def synchronise(world: World) -> UUID:
    made = create_run_for(
        world.environment, Whom.LINKED, kind=RunKind.SYNC, actor=ALICE, request_token=uuid4()
    )
    db.session.commit()
    return made.id


def run_of(run_id: UUID) -> Run:
    db.session.expire_all()
    found: Run = db.session.get_one(Run, run_id)
    return found


def state_of(world: World) -> ConnectionState:
    db.session.expire_all()
    row = find_connection(world.environment.id)
    assert row is not None
    return row.state


def test_one_contact_that_cannot_be_read_keeps_no_key_out(world: World, crowd: Crowd) -> None:
    """The same key could not be saved; where nobody can be read, it cannot."""
    world.fault("html", method="GET", path=f"/contact/{crowd.ids[0]}")
    key = world.sandbox.key, world.sandbox.secret
    credentials.connect(world.environment, *key, ALICE)
    db.session.commit()
    assert state_of(world) is ConnectionState.CONNECTED
    world.fault("html", method="GET", path="/contact/0*")
    with pytest.raises(SpotlerAway):
        credentials.connect(world.environment, *key, ALICE)


def linked(world: World) -> set[str]:
    return set(db.session.scalars(db.select(Link.contact_id).where(Link.linked_at.is_not(None))))


def test_the_same_account_is_not_asked_about(crowd: Crowd) -> None:
    world = crowd.world
    for contact_id in crowd.ids[:2]:
        requests.delete(f"{world.sandbox.url}/_sandbox/contacts/{contact_id}", timeout=5)
    credentials.connect(world.environment, world.sandbox.key, world.sandbox.secret, ALICE)
    assert state_of(world) is ConnectionState.CONNECTED, "some were deleted there, most were not"


def test_a_first_account_is_not_asked_about(world: World, other: Sandbox) -> None:
    world.environment.spotler_url = other.base_url
    db.session.commit()
    credentials.connect(world.environment, other.key, other.secret, ALICE)
    assert state_of(world) is ConnectionState.CONNECTED, "nobody is linked"


def test_the_same_ids_do_not_make_it_the_same_account(crowd: Crowd, other: Sandbox) -> None:
    for number, contact_id in enumerate(crowd.ids):
        plant(other, contact_id, f"persoon{number}@example.nl")
    use(crowd.world, other)
    assert state_of(crowd.world) is ConnectionState.UNCONFIRMED


def test_where_none_was_read_the_properties_tell(crowd: Crowd, other: Sandbox) -> None:
    world = crowd.world
    db.session.execute(db.delete(MirrorContact))
    schema = other.state.account.schema
    for name in [name for name in schema.by_name if name not in ("email", "permissions")]:
        del schema.by_name[name]
    use(world, other)
    assert state_of(world) is ConnectionState.UNCONFIRMED


def test_who_is_only_in_the_mirror_tells_as_well(world: World, other: Sandbox) -> None:
    """Nobody is linked, but an automatic action may name a permission of the account before."""
    plant(world.sandbox, "from-elsewhere", "elders@example.nl")
    read_feed(world)
    use(world, other)
    assert state_of(world) is ConnectionState.UNCONFIRMED


def test_the_numbers_are_told_before(crowd: Crowd, other: Sandbox) -> None:
    world, (same, again, stranger, *_absent) = crowd.world, crowd.ids
    plant(other, same, "persoon0@example.nl")
    plant(other, again, "Persoon1@Example.nl")
    plant(other, stranger, "vreemd@example.nl")
    world.ask(same, {MONTHLY: True}, [world.automation("download e-book")])
    assert replacement.outlook(world.environment.id) is None
    use(world, other)
    acts = len(db.session.scalars(db.select(Act)).all())
    assert acts > 1, "what was signed off in Spotler are acts too"
    assert replacement.outlook(world.environment.id) == Outlook(
        linked=6, runs=1, automations=1, acts=acts, alike=2, strange=1, absent=3, can_go_back=True
    )


def test_a_new_beginning_links_nobody_by_itself(crowd: Crowd, other: Sandbox) -> None:
    world, (same, *_) = crowd.world, crowd.ids
    world.save(same, {MONTHLY: True})
    plant(other, same, "persoon0@example.nl", firstName="Zelfde")
    plant(other, world.person("nieuw@example.nl"), "nieuw@example.nl")
    use(world, other)
    confirm(world, keeps_links=False)
    read_feed(world)
    assert not find_known(world.environment.id)
    refresh_contact(world.environment, same)
    assert linked(world) == set() and writes(other) == 0
    ours = db.session.scalars(db.select(Act).where(Act.source == Source.MODAL)).all()
    assert len(ours) == 1, "acts are history"
    assert world.save(same).outcome is Outcome.UPDATED
    assert linked(world) == {same}
    assert not contacts_of(other)[same].get("permissions"), "an old act switches nothing here"


def test_the_same_contacts_stay_where_the_crm_says_so(crowd: Crowd, other: Sandbox) -> None:
    """Who moved to another address in the meantime is known by the CRM's."""
    world, (moved, *_) = crowd.world, crowd.ids
    plant(other, moved, "verhuisd@example.nl")
    use(world, other)
    confirm(world)
    world.crm.data.contacts.change(moved, {"email": "verhuisd@example.nl"}, silent=True)
    read_feed(world)
    assert linked(world) == set()
    find_known(world.environment.id)
    assert linked(world) == {moved} and writes(other) == 0


def test_until_confirmed_nothing_is_written_and_nothing_believed(
    crowd: Crowd, other: Sandbox
) -> None:
    world = crowd.world
    plant(other, crowd.ids[0], "vreemd@example.nl", firstName="Vreemd")
    crowd.change(0, 6, first_name="Anders")
    labels = permission_labels(world.environment.id)
    other.state.account.schema.permissions.add_entry("Van het andere account")
    before = set(db.session.execute(db.select(MirrorContact.external_id, MirrorContact.address)))
    use(world, other)

    saved, all_linked = world.ask(crowd.ids[0], {MONTHLY: True}), synchronise(world)
    for run_id in (saved, all_linked):
        world.work(run_id)
        run = run_of(run_id)
        assert (run.state, run.halted_because) == (RunState.HALTED, Reason.UNCONFIRMED)
    assert refresh_contact(world.environment, crowd.ids[0]).trouble is Reason.UNCONFIRMED
    assert not follow_feed(world.environment.id)
    assert overdue_feeds() == [] and overdue_catalogues() == []
    credentials.refresh(world.environment.id)
    with pytest.raises(Unconfirmed):
        client_of(world.environment)
    assert writes(other) == 0
    now = set(db.session.execute(db.select(MirrorContact.external_id, MirrorContact.address)))
    assert now == before and linked(world) == set(crowd.ids)
    assert permission_labels(world.environment.id) == labels


def test_the_old_key_can_be_put_back(crowd: Crowd, other: Sandbox) -> None:
    world = crowd.world
    use(world, other)
    # A third key does not make the second one the known one.
    with pytest.raises(OtherAccount):
        credentials.connect(world.environment, other.key, other.secret, ALICE)
    db.session.commit()
    world.environment.spotler_url = world.sandbox.base_url
    assert replacement.put_back(world.environment)
    db.session.commit()
    row = find_connection(world.environment.id)
    assert row is not None and (row.key, row.previous_key) == (world.sandbox.key, None)
    credentials.test(world.environment)
    assert state_of(world) is ConnectionState.CONNECTED
    assert not replacement.put_back(world.environment), "once"
    assert linked(world) == set(crowd.ids)


def test_confirmed_all_is_planned_on_what_that_account_has(crowd: Crowd, other: Sandbox) -> None:
    """The attack: ids of strangers, and ids that are not there, after a change of account."""
    world, (same, stranger, *gone) = crowd.world, crowd.ids
    plant(other, same, "Persoon0@example.nl", firstName="Zelfde")
    plant(other, stranger, "vreemd@example.nl", firstName="Vreemd")
    old = synchronise(world)
    world.save(gone[0], {MONTHLY: True})
    use(world, other)
    confirm(world)
    assert state_of(world) is ConnectionState.CONNECTED
    assert linked(world) == set() and not db.session.scalars(db.select(MirrorContact)).all()
    feed = find_feed(world.environment.id)
    assert feed is not None and feed.full_started_at is None
    world.work(old)
    assert run_of(old).state is RunState.CANCELLED, "what was asked of the other one is dropped"
    assert db.session.scalars(db.select(Act)).all(), "acts are history"

    read_feed(world)
    assert linked(world) == {same}, "the id and the address agree"
    crowd.change(0, 6, first_name="Anders")
    run_id = synchronise(world)
    world.work(run_id)
    run = run_of(run_id)
    assert (run.selected, run.updated, run.unchanged) == (1, 1, 0)
    found = contacts_of(other)
    assert found.keys() == {same, stranger}, "nobody was made"
    assert found[same]["properties"]["firstName"] == "Anders"
    assert found[stranger]["properties"]["firstName"] == "Vreemd"
    assert world.status(gone[0]).status is Status.NOT_SYNCED


def test_a_stranger_with_the_same_id_is_never_overwritten(crowd: Crowd, other: Sandbox) -> None:
    world, (stranger, absent, *_rest) = crowd.world, crowd.ids
    plant(other, stranger, "vreemd@example.nl", firstName="Vreemd")
    permitted = {"externalId": stranger, "permissions": [MONTHLY]}
    url = f"{other.url}/_sandbox/contacts"
    requests.post(url, json={"contacts": [permitted]}, timeout=5).raise_for_status()
    crowd.change(0, 2, first_name="Anders")
    old = synchronise(world)
    use(world, other)
    confirm(world)
    world.work(old)
    read_feed(world)

    view = world.save(stranger, {MONTHLY: True})
    assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.ID_OF_ANOTHER)
    assert retry_items(world.environment.id, old, Filter(outcome=Outcome.CANCELLED)) == 0
    assert writes(other) == 0

    shown = refresh_contact(world.environment, stranger)
    assert shown.contact.status.status is Status.NOT_SYNCED and linked(world) == set()
    assert not any(switch.enabled for switch in shown.contact.permissions), "the stranger's"
    assert view_contact(world.environment, stranger).name is None

    # A person may link who is not there, and who gets the address that the stranger has.
    assert world.save(absent).outcome is Outcome.LINKED
    world.crm.data.contacts.change(stranger, {"email": "vreemd@example.nl"}, silent=True)
    assert world.save(stranger).outcome is Outcome.UPDATED
    assert linked(world) == {absent, stranger}


@pytest.mark.parametrize(
    ("fault", "error"), [("backend_exception", SpotlerAway), ("unauthorized", KeyRefused)]
)
def test_what_cannot_be_read_is_not_confirmed(
    crowd: Crowd, other: Sandbox, fault: str, error: type[Exception]
) -> None:
    use(crowd.world, other)
    other.state.faults.add({"kind": fault})
    with pytest.raises(error):
        replacement.go_on(crowd.world.environment, keeps_links=True)
    db.session.rollback()
    assert state_of(crowd.world) is ConnectionState.UNCONFIRMED
    assert linked(crowd.world) == set(crowd.ids)


def test_there_is_nothing_to_confirm_twice(crowd: Crowd, other: Sandbox) -> None:
    use(crowd.world, other)
    confirm(crowd.world)
    assert replacement.go_on(crowd.world.environment, keeps_links=True) is None


def test_what_was_read_before_is_not_believed_after(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An administrator confirms another account while a screen still reads the one before."""
    world, asked = crowd.world, crowd.ids[0]
    answer, engine = world.sandbox.state.faults.draw, db.engine

    def draw(method: str, path: str) -> Fault | None:
        with engine.begin() as another:
            another.execute(
                db.update(Environment)
                .where(Environment.id == 1)
                .values(account_since=datetime.now(UTC))
            )
            another.execute(db.update(Link).where(Link.environment_id == 1).values(linked_at=None))
            another.execute(db.delete(MirrorContact).where(MirrorContact.environment_id == 1))
        return answer(method, path)

    monkeypatch.setattr(world.sandbox.state.faults, "draw", draw)
    shown = refresh_contact(world.environment, asked)
    assert shown.contact.status.status is Status.NOT_SYNCED and shown.mailings == []
    db.session.expire_all()
    assert linked(world) == set() and not db.session.scalars(db.select(MirrorContact)).all()


def test_no_transaction_is_open_while_the_accounts_are_compared(
    crowd: Crowd, other: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, ours, seen = crowd.world, db.session(), []
    answer = other.state.faults.draw

    def draw(method: str, path: str) -> Fault | None:
        seen.append((path, ours.in_transaction()))
        return answer(method, path)

    monkeypatch.setattr(other.state.faults, "draw", draw)
    use(world, other)
    confirm(world)
    refresh_contact(world.environment, crowd.ids[0])
    assert len(seen) > 10
    assert [path for path, busy in seen if busy] == []
