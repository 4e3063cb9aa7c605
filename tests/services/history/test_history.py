"""What happened to one contact: newest first, each thing once, whatever page it stands on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time
from uuid import uuid4

import pytest
from flask import Flask

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    AddressAct,
    Automation,
    AutomationKind,
    AutomationOrigin,
    Enrolment,
    EnrolmentState,
    Environment,
    Event,
    EventOutcome,
    EventType,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.history.place import Kind, Place
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.erasure.advance import advance_erasure
from spotler_plugin.services.erasure.request import lift_erasure, request_erasure
from spotler_plugin.services.history.acts import Settled, Switched
from spotler_plugin.services.history.items import Carried
from spotler_plugin.services.history.page import SIZE, Happening, history_of
from spotler_plugin.services.history.starts import Started
from spotler_plugin.services.history.told import Told
from spotler_plugin.wording.contact.history import Names, happened_text
from tests.world.accounts import ALICE
from tests.world.world import MONTHLY, World

NOW = datetime(2026, 3, 3, 9, tzinfo=UTC)


def everything(environment: Environment, kind: Kind | None = None) -> list[Happening]:
    """All pages, one after the other."""
    found: list[Happening] = []
    after: Place | None = None
    while True:
        page = history_of(environment.id, "c-1", kind, after)
        found += [line.happened for line in page.lines]
        if page.after is None:
            return found
        after = Place.parse(str(page.after))


def add(environment: Environment, number: int) -> None:
    """That many of each thing, five of each at one moment."""
    owner = {"environment_id": environment.id}
    automation = Automation(**owner, kind=AutomationKind.AUTOMATION, code="a", label="Welkom",
                            origin=AutomationOrigin.LISTED)  # fmt: skip
    db.session.add(automation)
    db.session.flush()
    for each in range(number):
        at = NOW - timedelta(days=each // 5)
        run = Run(**owner, id=uuid4(), request_token=uuid4(), kind=RunKind.SYNC,
                  source=Source.ADMIN, state=RunState.FINISHED, created_at=at)  # fmt: skip
        item = RunItem(**owner, run_id=run.id, contact_id="c-1", due_at=at, settled_at=at,
                       outcome=Outcome.UPDATED, before=Image(properties={"city": "Delft"}),
                       after=Image(properties={"city": str(each)}))  # fmt: skip
        act = Act(**owner, contact_id="c-1", bit=each % 5, enabled=True, at=at, applied_at=at,
                  source=Source.SPOTLER)  # fmt: skip
        start = Enrolment(**owner, id=uuid4(), run_id=run.id, contact_id="c-1", asked_at=at,
                          automation_id=automation.id, state=EnrolmentState.DROPPED, due_at=at,
                          source=Source.MODAL)  # fmt: skip
        event = Event(**owner, webhook_id=str(each), type=EventType.CONTACT_CHANGED, data={},
                      contact_id="c-1", sent_at=at, received_at=at, due_at=at,
                      outcome=EventOutcome.KNOWN)  # fmt: skip
        claim = AddressAct(**owner, contact_id="c-1", owner_id="c-1", address_digest="d", at=at)
        db.session.add(run)
        db.session.flush()
        db.session.add_all([item, act, start, event, claim])
    db.session.commit()


class TestPages:
    def test_each_thing_is_told_once_and_in_order(self, environment: Environment) -> None:
        add(environment, 23)
        found = everything(environment)
        assert len(found) == 5 * 23 > SIZE
        assert len({(type(each), each.key) for each in found}) == 5 * 23
        assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)

    @pytest.mark.parametrize(
        ("kind", "types"),
        [
            (Kind.VALUES, {Carried}),
            (Kind.PERMISSION, {Switched}),
            (Kind.AUTOMATION, {Started}),
            (Kind.BLOCKED, {Started}),
            (Kind.LINK, {Settled}),
            (Kind.EVENT, {Told}),
        ],
    )
    def test_some_of_them(
        self, environment: Environment, kind: Kind, types: set[type[Happening]]
    ) -> None:
        add(environment, 6)
        found = everything(environment, kind)
        assert {type(each) for each in found} == types and len(found) == 6

    def test_nothing_of_another_contact_or_environment(
        self, environment: Environment, other_environment: Environment
    ) -> None:
        add(other_environment, 2)
        assert everything(environment) == []
        assert history_of(other_environment.id, "c-2").lines == []

    def test_a_thousand_lines_are_read_quickly(self, environment: Environment) -> None:
        add(environment, 200)
        history_of(environment.id, "c-1")
        began = process_time()
        page = history_of(environment.id, "c-1")
        history_of(environment.id, "c-1", after=page.after)
        assert process_time() - began < 1.0


@pytest.mark.parametrize(
    "place",
    ["", "x", "2026-03-03_1", "2026-03-03T09:00:00+00:00_1_x", "0001-01-01T00:00+14:00_1_1"],
)
def test_a_place_that_is_none(app: Flask, place: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        Place.parse(place)


def test_why_it_is_so(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe, {MONTHLY: True}, [world.automation("download e-book")])
    world.crm.data.contacts.change(zoe, {"first_name": "Zoé"}, silent=True)
    world.save(zoe)
    world.save(zoe)
    world.crm.data.contacts.change(zoe, {"email": ""}, silent=True)
    world.save(zoe)

    page = history_of(world.environment.id, zoe)
    blocked, changed, linked, started, act = (line.happened for line in page.lines)
    assert isinstance(blocked, Carried) and blocked.reason is Reason.NO_ADDRESS
    assert isinstance(changed, Carried) and isinstance(linked, Carried)
    assert changed.before.properties == {"firstName": "Zoë"}
    assert changed.after.properties["firstName"] == "Zoé"
    assert linked.outcome is Outcome.LINKED and not linked.after.permissions, "its act tells it"
    assert isinstance(started, Started) and started.state is EnrolmentState.STARTED
    assert isinstance(act, Switched) and (act.bit, act.is_applied) == (MONTHLY, True)


def test_an_erasure_and_who_lifted_it(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    row = request_erasure(world.environment.id, zoe, Source.MODAL, ALICE)
    db.session.commit()
    names = Names("Yoobi", {}, {})

    def told() -> list[str]:
        found = history_of(world.environment.id, zoe, Kind.LINK)
        return [str(happened_text(line.happened, zoe, names)) for line in found.lines][:2]

    asked = "Gegevens gewist, gevraagd door Alice de Vries."
    assert told()[0] == f"{asked} Onze kopieën zijn weg. Spotler en de back-ups volgen vanzelf."
    advance_erasure(world.environment.id, row.id)
    assert told()[0] == asked
    assert lift_erasure(world.environment.id, row.id, Actor("bob", "Bob"))
    db.session.commit()
    assert told() == ["Koppelen weer toegestaan door Bob.", asked]
