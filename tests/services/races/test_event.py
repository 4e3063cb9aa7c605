"""Two at once: one event that comes twice, and two workers on one inbox."""

from __future__ import annotations

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Event, Inbox
from spotler_plugin.services import lease
from spotler_plugin.services.event.body import read_body
from spotler_plugin.services.event.inbox import LEASE, make_inboxes
from spotler_plugin.services.event.intake import store_event
from tests.events import body_of
from tests.two import Two


def test_one_event_that_comes_twice(two: Two, environment: Environment) -> None:
    owner, told = environment.id, read_body(body_of("contact.deleted", contact_id="c-1"))

    def store() -> bool:
        return store_event(owner, "evt_1", told)

    assert two.at_once(store, store) == (True, False)
    assert db.session.query(Event).count() == 1


def test_two_workers_want_one_inbox(two: Two, environment: Environment) -> None:
    owner = environment.id
    make_inboxes([owner])
    db.session.commit()

    def hold() -> bool:
        return lease.hold(Inbox, Inbox.environment_id == owner, LEASE) is not None

    assert two.at_once(hold, hold) == (True, False)
