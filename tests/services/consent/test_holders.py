"""Which contact has which address, and had it until when: of each contact by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import AddressHolder, Environment
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.consent.holders import (
    Holder,
    held_by,
    hold,
    holders_of,
    note_moves,
    share_addresses,
)

BEGAN = datetime.now(UTC) - timedelta(days=1)
CONTACTS = ("a", "b", "c")


@pytest.fixture
def addresses(environment: Environment) -> list[str]:
    """Three, in the order of their digests."""
    given = [f"{name}@example.nl" for name in ("zoe", "jan", "noor")]
    digests = digests_of(environment.id, given)
    return sorted(given, key=digests.__getitem__)


def held(environment: Environment, contact_id: str) -> dict[str, Holder]:
    """By digest."""
    return {each.digest: each for each in held_by(environment.id, [contact_id])}


def digest(environment: Environment, address: str) -> str:
    return digests_of(environment.id, [address])[address]


def test_who_moves_leaves_all_its_other_addresses_and_nobody_elses(
    environment: Environment, addresses: list[str]
) -> None:
    low, middle, high = (digest(environment, each) for each in addresses)
    everybody = [(id_, each) for id_ in CONTACTS for each in (low, middle, high)]
    hold(environment.id, everybody, BEGAN)
    note_moves(environment.id, {"b": (addresses[0], addresses[1]), "x": ("", "y@example.nl")})
    left = {each for each, row in held(environment, "b").items() if row.until is not None}
    assert left == {low, high}
    for other in ("a", "c"):
        assert {row.until for row in held(environment, other).values()} == {None}
    assert {each.contact_id for each in holders_of(environment.id, [middle])} == set(CONTACTS)
    assert holders_of(environment.id, []) == []


@pytest.mark.parametrize("days", [-2, 2])
def test_who_comes_back_has_it_since_then_and_not_before_it_was_left(
    environment: Environment, addresses: list[str], days: int
) -> None:
    low, middle, high = (digest(environment, each) for each in addresses)
    hold(environment.id, [(id_, each) for id_ in CONTACTS for each in (low, middle, high)], BEGAN)
    note_moves(environment.id, dict.fromkeys(CONTACTS, (addresses[0], "verhuisd@example.nl")))
    moved = digest(environment, "verhuisd@example.nl")
    left = held(environment, "b")[middle].until
    assert left is not None
    at = left + timedelta(days=days)
    hold(environment.id, [("b", middle), ("b", moved), ("b", None)], at)
    back = held(environment, "b")
    assert (back[middle].since, back[middle].until) == (max(at, left), None)
    assert back[moved].since < left + timedelta(days=1), "it never left that one"
    assert back[low].until == back[high].until == left
    for other in ("a", "c"):
        assert held(environment, other)[middle].until is not None


def test_what_is_shared_is_that_contacts_and_of_one_environment(
    environment: Environment, other_environment: Environment, addresses: list[str]
) -> None:
    low, middle, high = (digest(environment, each) for each in addresses)
    hold(environment.id, [("a", low), ("b", middle), ("c", high)], BEGAN)
    hold(other_environment.id, [("b", high)], BEGAN)
    share_addresses(environment.id, "a", "b")
    assert held(environment, "a").keys() == {low, middle}
    assert len(db.session.scalars(select(AddressHolder.id)).all()) == 5
