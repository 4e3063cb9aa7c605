"""One address goes to one of two contacts, in whatever order two workers come to it."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.services.link.address import reserve_addresses
from spotler_plugin.services.link.lease import claim_leases, open_links
from tests.two import Two
from tests.world.world import World

ADDRESS = "info@example.nl"


def leased(world: World, contact_id: str) -> UUID:
    """Claimed by a worker of its own."""
    lease = uuid4()
    open_links(world.environment.id, [contact_id])
    assert claim_leases(world.environment.id, [contact_id], lease) == {contact_id}
    db.session.commit()
    return lease


def reserve(world: World, contact_id: str, lease: UUID) -> dict[str, str]:
    rivals = reserve_addresses(world.environment.id, {contact_id: ADDRESS}, lease)
    db.session.commit()
    return rivals


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("b", "a")])
def test_who_comes_first_has_it(world: World, first: str, second: str) -> None:
    leases = {id_: leased(world, id_) for id_ in (first, second)}
    assert reserve(world, first, leases[first]) == {}, "it may be written by now"
    assert reserve(world, second, leases[second]) == {second: first}


def test_of_one_chunk_the_smaller_id_has_it(world: World) -> None:
    lease = uuid4()
    open_links(world.environment.id, ["a", "b"])
    claim_leases(world.environment.id, ["a", "b"], lease)
    found = reserve_addresses(world.environment.id, {"b": ADDRESS, "a": ADDRESS}, lease)
    assert found == {"b": "a"}


def test_two_workers_at_once(world: World, two: Two) -> None:
    owner = world.environment.id
    leases = {id_: leased(world, id_) for id_ in ("a", "b")}
    found = two.at_once(
        lambda: reserve_addresses(owner, {"b": ADDRESS}, leases["b"]),
        lambda: reserve_addresses(owner, {"a": ADDRESS}, leases["a"]),
    )
    assert found == ({}, {"a": "b"})
