"""Entries of sets: what they are called, what they were called, and which vanished."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from spotler_plugin import spotler
from spotler_plugin.models import Environment
from spotler_plugin.planning.values.sets import Entry
from spotler_plugin.services.catalogue.entries import (
    MOST_FORMER,
    entry_labels,
    forget_entries,
    merged,
    renamed_since,
)
from spotler_plugin.services.catalogue.fingerprint import fingerprint_of
from spotler_plugin.services.catalogue.offer import stored_offer
from spotler_plugin.services.catalogue.properties import account_properties
from spotler_plugin.services.catalogue.store import store_catalogue
from tests.services.catalogue.readings import reading

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def read(owner: Environment, **descriptions: str) -> tuple[Entry, ...]:
    """Store a reading, `_1="Beurs"`; return what there is to choose from then."""
    found = tuple(
        spotler.Entry(int(bit[1:]), text, rank)
        for rank, (bit, text) in enumerate(descriptions.items())
    )
    store_catalogue(owner.id, reading(spotler.Property("list1", "Interesses", "set", found)))
    [property] = account_properties(owner.id)
    return property.entries


def test_they_are_kept_in_the_accounts_order(acme: Environment) -> None:
    assert read(acme, _4="Beurs", _1="Zorg") == (Entry(4, "Beurs"), Entry(1, "Zorg"))


def test_one_that_was_renamed_is_known_by_both_names(acme: Environment) -> None:
    read(acme, _1="Beurs")
    assert read(acme, _1="Beurzen") == (Entry(1, "Beurzen", ("Beurs",)),)
    assert read(acme, _1="Beurzen") == (Entry(1, "Beurzen", ("Beurs",)),)
    assert read(acme, _1="Beurs") == (Entry(1, "Beurs", ("Beurzen",)),), "and back"
    for n in range(9):
        [entry] = read(acme, _1=f"Naam {n}")
    assert entry.former == tuple(f"Naam {n}" for n in range(8 - MOST_FORMER, 8))


def test_one_that_vanished_is_not_chosen_and_keeps_its_name(acme: Environment) -> None:
    read(acme, _1="Beurs", _2="Zorg")
    assert read(acme, _2="Zorg") == (Entry(2, "Zorg"),)
    assert entry_labels(acme.id) == {"list1": {1: "Beurs", 2: "Zorg"}}
    offer = stored_offer(acme.id)
    assert (offer.entries, offer.gone_entries) == ({"list1": {2: "Zorg"}}, {"list1": {1: "Beurs"}})


def test_a_bit_that_was_given_to_another_has_no_former_name(acme: Environment) -> None:
    read(acme, _1="Beurs", _2="Zorg")
    read(acme, _2="Zorg")
    assert read(acme, _1="Golf", _2="Zorg")[0] == Entry(1, "Golf")


def test_another_account_renames_nothing(acme: Environment) -> None:
    read(acme, _1="Beurs", _2="Zorg")
    forget_entries(acme.id)
    assert read(acme, _1="Golf") == (Entry(1, "Golf"),)
    assert entry_labels(acme.id) == {"list1": {1: "Golf"}}


def test_what_is_called_otherwise_makes_another_catalogue(acme: Environment) -> None:
    read(acme, _1="Beurs")
    before = fingerprint_of(acme.id)
    read(acme, _1="Beurs")
    assert fingerprint_of(acme.id) == before
    read(acme, _1="Beurzen")
    assert fingerprint_of(acme.id) != before


def test_a_description_of_any_length_is_taken() -> None:
    [entry] = merged((), [spotler.Entry(1, "🌷" * 400, 1)], NOON)
    assert len(entry["description"]) == 300


def test_since_when_one_is_called_otherwise(acme: Environment) -> None:
    before = datetime.now(UTC)
    read(acme, _1="Beurs", _2="Zorg", _4="Golf")
    read(acme, _1="BEURS", _4="Golf")
    assert renamed_since(acme.id, before) == {}, "and one that is new was nothing else"
    read(acme, _1="Beurs", _2="Tennis", _4="Golfen")
    read(acme, _1="Beurs", _2="Tennis", _4="Golfen")
    assert renamed_since(acme.id, before) == {"list1": {2: "Tennis", 4: "Golfen"}}
    assert renamed_since(acme.id, datetime.now(UTC) + timedelta(seconds=1)) == {}
