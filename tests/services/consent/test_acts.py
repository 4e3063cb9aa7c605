"""What an act keeps: on what ground it was asked, and which address it was about."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, RunKind, Source
from spotler_plugin.services.consent.acts import record_acts, record_acts_of_all
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.run.create import create_run
from tests.world.crowd import read_feed
from tests.world.world import MONTHLY, QUARTERLY, World

NOOR, ZOE = "noor@example.nl", "zoe@example.nl"


def kept(world: World) -> set[tuple[str, int, str | None, str | None]]:
    """Contact, permission, ground and digest of all acts."""
    return {
        (each.contact_id, each.bit, each.ground, each.address_digest)
        for each in db.session.scalars(select(Act))
    }


def test_an_act_keeps_its_ground_and_the_digest_of_the_address(world: World) -> None:
    noor, zoe = world.person(NOOR), world.person(ZOE)
    digests = digests_of(world.environment.id, [NOOR, ZOE])
    world.save(noor, {MONTHLY: True, QUARTERLY: True}, grounds={MONTHLY: "bestaande klant"})
    run, _ = create_run(
        world.environment.id,
        [noor, zoe],
        kind=RunKind.BULK,
        source=Source.BULK,
        actor=None,
        request_token=uuid4(),
    )
    record_acts_of_all(run, {QUARTERLY: False}, {QUARTERLY: "x" * 999})
    record_acts(run, noor, {MONTHLY: False})
    db.session.commit()
    world.work(run.id)
    assert kept(world) == {
        (noor, MONTHLY, "bestaande klant", digests[NOOR]),
        (noor, QUARTERLY, None, digests[NOOR]),
        (noor, QUARTERLY, "x" * 300, digests[NOOR]),
        (noor, MONTHLY, None, digests[NOOR]),
        (zoe, QUARTERLY, "x" * 300, digests[ZOE]),
    }


def test_a_sign_off_keeps_the_address_that_it_was_made_with(world: World) -> None:
    noor = world.person(NOOR)
    world.save(noor, {MONTHLY: True})
    world.sign_off(noor, MONTHLY)
    read_feed(world)
    [digest] = digests_of(world.environment.id, [NOOR]).values()
    seen = select(Act.address_digest).where(Act.source == Source.SPOTLER, Act.contact_id == noor)
    assert db.session.scalars(seen).all() == [digest]
