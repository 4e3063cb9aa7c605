"""What a screen read before a worker wrote is older, and changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.services.contact.view import refresh_contact
from spotler_plugin.services.environment import lock_environment
from spotler_plugin.services.link.lease import claim_leases
from spotler_plugin.services.link.status import Status
from spotler_plugin.services.link.tie import untie_link
from tests.two import Two
from tests.world.world import World


@pytest.mark.parametrize("inactive", [True, False])
def test_a_contact_that_was_linked_meanwhile_stays_linked(world: World, inactive: bool) -> None:
    zoe, before = world.person("zoe@example.nl"), datetime.now(UTC)
    world.save(zoe)
    untie_link(world.environment.id, zoe, before, inactive=inactive)
    assert world.status(zoe).status is Status.SYNCED
    untie_link(world.environment.id, zoe, datetime.now(UTC), inactive=inactive)
    gone = Status.INACTIVE if inactive else Status.NOT_SYNCED
    assert world.status(zoe).status is gone


def test_a_contact_that_is_being_written_stays_linked(world: World) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    claim_leases(world.environment.id, [zoe], UUID(int=7))
    db.session.commit()
    untie_link(world.environment.id, zoe, datetime.now(UTC), inactive=False)
    assert world.status(zoe).status is Status.SYNCED


def test_a_screen_and_a_worker_do_not_wait_for_each_other(world: World, two: Two) -> None:
    """The worker has the contact's link and wants the mirror; the screen wants both too."""
    zoe, owner = world.person("zoe@example.nl"), world.environment
    world.save(zoe)
    with ThreadPoolExecutor() as thread:
        claim_leases(owner.id, [zoe], UUID(int=7))
        screen = two.begin(thread, lambda: refresh_contact(owner, zoe))
        two.until_waiting(screen)
        lock_environment(owner.id)
        db.session.commit()
        assert screen.result().trouble is None
