"""A sign-off follows the person, also where links and mirror know nothing of it any more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests
from sqlalchemy import select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Feed, Outcome, RunKind, Source
from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.consent.holders import holders_of
from spotler_plugin.services.link.former import void_links
from spotler_plugin.services.mirror.write import forget_everybody
from spotler_plugin.services.run.create import create_run
from tests.services.consent.test_person import in_bulk, is_on
from tests.world.crowd import read_feed
from tests.world.world import MONTHLY, QUARTERLY, World

OLD, NEW = "noor@oud.example", "noor@nieuw.example"
ON = {MONTHLY: True, QUARTERLY: True}


def forget(world: World, *addresses: str) -> None:
    """Nothing is left of them in Spotler, nor in links and mirror, as after another account."""
    directory = world.sandbox.state.account.directory
    for address in addresses:
        for record in list(directory.by_email(address)):
            directory.remove(record)
    void_links(world.environment.id, is_known_by_address=False)
    forget_everybody(world.environment.id)
    db.session.commit()


def signed_off(world: World, address: str) -> str:
    contact_id = world.person(address)
    world.save(contact_id, ON)
    read_feed(world)
    world.sign_off(contact_id, MONTHLY)
    read_feed(world)
    return contact_id


def seen(contact_id: str) -> list[tuple[int, bool, str | None]]:
    """What was seen in Spotler of a contact."""
    query = select(Act).where(Act.contact_id == contact_id, Act.source == Source.SPOTLER)
    acts = db.session.scalars(query.order_by(Act.id))
    return [(act.bit, act.enabled, act.ground) for act in acts]


def test_the_address_alone_tells(world: World) -> None:
    first = signed_off(world, OLD)
    world.crm.data.contacts.delete(first, silent=True)
    forget(world, OLD)
    second = world.person(OLD, first_name="Opnieuw")
    assert in_bulk(world, second).outcome is Outcome.LINKED
    assert not is_on(world, second)
    digests = digests_of(world.environment.id, [OLD])
    holders = holders_of(world.environment.id, digests.values())
    assert {each.contact_id for each in holders} == {first, second}


def test_it_goes_along_to_the_next_address(world: World) -> None:
    first = signed_off(world, OLD)
    world.crm.data.contacts.change(first, {"email": NEW}, silent=True)
    assert world.save(first).outcome is Outcome.UPDATED
    world.crm.data.contacts.delete(first, silent=True)
    forget(world, NEW)
    second = world.person(NEW, first_name="Opnieuw")
    in_bulk(world, second)
    assert not is_on(world, second)


def test_what_happens_with_an_address_after_it_was_left_is_somebody_elses(world: World) -> None:
    first = world.person(OLD)
    world.save(first, ON)
    world.crm.data.contacts.change(first, {"email": NEW}, silent=True)
    world.save(first)
    signed_off(world, OLD)
    assert in_bulk(world, first).outcome is Outcome.UNCHANGED


def test_what_went_on_with_another_address_lifts_nothing_of_this_one(world: World) -> None:
    noor = world.person(OLD)
    world.save(noor, ON)
    world.crm.data.contacts.change(noor, {"email": NEW}, silent=True)
    world.save(noor)
    other = signed_off(world, OLD)
    for enabled in (False, True):
        world.save(noor, {MONTHLY: enabled})
    world.crm.data.contacts.delete(other, silent=True)
    directory = world.sandbox.state.account.directory
    directory.remove(next(iter(directory.by_email(OLD))))
    world.crm.data.contacts.change(noor, {"email": OLD}, silent=True)
    assert world.save(noor, take_over=True).outcome is Outcome.UPDATED
    assert not is_on(world, noor)
    assert in_bulk(world, noor).reason is Reason.SIGNED_OFF_BEFORE
    assert not is_on(world, noor)


def test_what_was_signed_off_right_before_a_move_stays_with_the_address(world: World) -> None:
    """Also where many move, and nobody had read it yet."""
    noor, bram = world.person(OLD), world.person("bram@example.nl")
    for each in (noor, bram):
        world.save(each, ON)
    read_feed(world)
    a_while_ago = datetime.now(UTC) - timedelta(seconds=30)
    db.session.execute(update(Feed).values(read_at=a_while_ago))
    world.sign_off(noor, MONTHLY)
    world.crm.data.contacts.change(noor, {"email": NEW}, silent=True)
    run, _ = create_run(world.environment.id, [noor, bram], kind=RunKind.CHANGE, source=Source.CRM,
                        actor=None, request_token=uuid4())  # fmt: skip
    db.session.commit()
    world.work(run.id)
    read_feed(world)
    anna = world.person(OLD, first_name="Anna")
    in_bulk(world, anna)
    assert world.in_spotler(anna) is not None and not is_on(world, anna)


def test_at_an_address_that_somebody_signed_off_with_it_goes_off(world: World) -> None:
    signed_off(world, OLD)
    bram = world.person("bram@example.nl")
    world.save(bram, ON)
    forget(world, OLD)
    world.save(bram)
    world.crm.data.contacts.change(bram, {"email": OLD}, silent=True)
    assert world.save(bram).outcome is Outcome.UPDATED
    found = world.in_spotler(bram)
    assert found is not None and found.email == OLD
    assert found.permissions[QUARTERLY] and not found.permissions[MONTHLY]


def test_who_signed_off_from_everything_and_came_back(world: World) -> None:
    noor = world.person(OLD)
    world.save(noor, ON)
    world.control("POST", f"/contacts/{noor}/opt-out", permissions="off")
    read_feed(world)
    assert in_bulk(world, noor).reason is Reason.INACTIVE
    assert (EVERYTHING, False, None) in seen(noor)
    world.control("POST", f"/contacts/{noor}/standing", standing="active")
    world.control("POST", f"/contacts/{noor}/permissions", bit=MONTHLY, enabled=True)
    read_feed(world)
    assert seen(noor)[-2:] == [(MONTHLY, True, None), (EVERYTHING, True, None)]
    assert in_bulk(world, noor).outcome is Outcome.UNCHANGED


def test_a_bounce_is_no_persons_doing(world: World) -> None:
    noor = world.person(OLD)
    world.save(noor, ON)
    read_feed(world)
    world.control("POST", f"/contacts/{noor}/bounce", type="HARD")
    read_feed(world)
    assert [bit for bit, _, _ in seen(noor)] == [EVERYTHING]


def test_a_second_record_that_signed_off_counts_in_whatever_order(world: World) -> None:
    noor = world.person(OLD)
    world.save(noor)
    there = {"email": OLD, "permissions": [MONTHLY]}
    world.control("POST", "/contacts", contacts=[there])
    other = next(
        each
        for each in world.sandbox.state.account.directory.by_email(OLD)
        if each.external_id is None
    )
    read_feed(world)
    world.sign_off(other.encrypted_id, MONTHLY)
    assert world.save(noor, {MONTHLY: True}).reason is Reason.SIGNED_OFF, "seen by the save itself"
    assert in_bulk(world, noor).reason is Reason.SIGNED_OFF_BEFORE


def test_what_never_left_explains_no_sign_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    noor = world.person(OLD)
    world.save(noor, ON)
    read_feed(world)
    send: Callable[..., requests.Response] = requests.Session.send

    def unreachable(session: requests.Session, request: Any, **options: Any) -> requests.Response:
        if request.method == "POST" and request.url.startswith(world.sandbox.base_url):
            raise requests.exceptions.ConnectTimeout
        return send(session, request, **options)

    with monkeypatch.context() as patch:
        patch.setattr(requests.Session, "send", unreachable)
        run_id = world.ask(noor, {MONTHLY: False})
        world.work(run_id)
    assert world.view(run_id, noor).outcome is Outcome.OPEN
    world.sign_off(noor, MONTHLY)
    read_feed(world)
    assert seen(noor) == [(MONTHLY, False, None)]
