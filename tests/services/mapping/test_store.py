"""Saving a mapping, and the sheet and examples that its editor shows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from demo.crm.faults import Fault, Kind
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Field, Property
from spotler_plugin.planning.proposal import Problem
from spotler_plugin.planning.values.types import FieldType
from spotler_plugin.services.mapping.editor import Line, Sheet, sheet
from spotler_plugin.services.mapping.rules import rules_of
from spotler_plugin.services.mapping.sample import sample
from spotler_plugin.services.mapping.store import (
    rows_of_proposal,
    save_mapping,
    saved_mapping,
)
from tests.world.world import World

FIRST, LAST = ("contact", "first_name"), ("contact", "last_name")


def line(shown: Sheet, key: tuple[str, str]) -> Line:
    return next(each for lines in shown.groups.values() for each in lines if each.key == key)


def names(shown: Sheet, entity: str) -> list[str]:
    return [each.field.name for each in shown.groups[entity]]


def test_saving_changes_what_differs_and_counts_on(world: World) -> None:
    acme = world.environment
    before = saved_mapping(acme.id)
    after = before | {("relation", "documents"): "documentenModule"}
    del after[LAST]
    save_mapping(acme, after)
    db.session.commit()
    assert saved_mapping(acme.id) == after and acme.mapping_version == 2
    assert {row.property for row in rules_of(acme.id).rows} == set(after.values())


def test_two_fields_may_change_properties_with_each_other(world: World) -> None:
    acme = world.environment
    swapped = saved_mapping(acme.id)
    swapped[FIRST], swapped[LAST] = swapped[LAST], swapped[FIRST]
    save_mapping(acme, swapped)
    db.session.commit()
    assert saved_mapping(acme.id) == swapped


def test_it_is_saved_for_this_environment_only(
    world: World, other_environment: Environment
) -> None:
    save_mapping(other_environment, {FIRST: "lastName"})
    before = saved_mapping(world.environment.id)
    save_mapping(world.environment, {})
    db.session.commit()
    assert before and saved_mapping(world.environment.id) == {}
    assert saved_mapping(other_environment.id) == {FIRST: "lastName"}


def test_what_would_be_planned_is_what_is_planned_once_saved(world: World) -> None:
    acme = world.environment
    proposal = saved_mapping(acme.id) | {("contact", "city"): "city"}
    rows = rows_of_proposal(acme.id, proposal)
    save_mapping(acme, proposal)
    assert rules_of(acme.id).rows == rows


def test_the_sheet_has_every_field_but_the_address_mapped_ones_first(world: World) -> None:
    shown = sheet(world.environment)
    assert names(shown, "contact")[:6] == [
        "first_name", "initials", "infix", "last_name", "phone", "mobile"
    ]  # fmt: skip
    assert "email" not in names(shown, "contact")
    assert shown.address is not None and shown.address.label == "E-mail"
    assert "documents" in names(shown, "relation")
    assert shown.problems == 0


def test_only_what_fits_can_be_chosen(world: World) -> None:
    choices = sheet(world.environment).choices
    dates = choices[FieldType.DATE]
    assert "birthday" in {each.name for each in dates.fit}
    assert {"aantalMedewerkers", "profileFields"} <= {each.name for each in dates.unfit}
    offered = {each.name for each in (*dates.fit, *dates.unfit)}
    assert offered.isdisjoint({"permissions", "email", "externalId", "testGroup"})


def test_two_onto_one_name_each_other(world: World) -> None:
    chosen = saved_mapping(world.environment.id) | {LAST: "firstName"}
    shown = sheet(world.environment, chosen)
    first, last = line(shown, FIRST), line(shown, LAST)
    assert (first.problem, last.problem) == (Problem.DOUBLED, Problem.DOUBLED)
    assert (first.beside, last.beside) == (("Achternaam",), ("Voornaam",))
    assert (last.saved, last.chosen) == ("lastName", "firstName")


def test_what_vanished_is_shown_and_may_stay(world: World) -> None:
    acme, now = world.environment, datetime.now(UTC)
    db.session.execute(
        db.update(Field)
        .where(Field.environment_id == acme.id, Field.name == "infix")
        .values(gone_at=now)
    )
    db.session.execute(
        db.update(Property)
        .where(Property.environment_id == acme.id, Property.name == "firstName")
        .values(gone_at=now)
    )
    shown = sheet(acme)
    assert line(shown, ("contact", "infix")).gone
    assert line(shown, FIRST).saved == "firstName" and "firstName" not in shown.labels
    assert shown.problems == 0
    assert {"infix", "firstName"}.isdisjoint(row.property for row in rules_of(acme.id).rows)


def test_properties_that_are_called_alike_are_told_apart(world: World) -> None:
    db.session.execute(
        db.update(Property)
        .where(Property.environment_id == world.environment.id, Property.name == "street")
        .values(description="Plaats")
    )
    labels = sheet(world.environment).labels
    assert (labels["street"], labels["city"]) == ("Plaats (street)", "Plaats (city)")


def test_the_examples_are_of_one_linked_contact(world: World) -> None:
    relation_id = world.crm.data.relations.page("", 1, 0)[0].id
    bare = world.person("kaal@example.nl", last_name="Kaal")
    full = world.crm.data.contacts.add(
        {"email": "vol@example.nl", "first_name": "Vera", "last_name": "Vol", "language": "nl",
         "keywords": ["klant", "vip"], "city": "Delft"},
        relation_id=relation_id,
        silent=True,
    ).id  # fmt: skip
    for contact_id in (bare, full):
        world.save(contact_id)
    shown = sample(world.environment)
    assert shown.read and shown.name == "Vera Vol"
    assert shown.values[FIRST] == "Vera"
    assert shown.values["contact", "language"] == "Nederlands"
    assert shown.values["contact", "keywords"] == "klant, vip"
    assert shown.values["relation", "name"]
    assert ("contact", "title") not in shown.values


def test_the_examples_are_of_anybody_while_nobody_is_linked(world: World) -> None:
    shown = sample(world.environment)
    assert shown.read and shown.exists and shown.name and shown.values[FIRST]


@pytest.mark.parametrize("kind", ["401", "500", "html"])
def test_a_crm_that_is_away_leaves_the_examples_out(world: World, kind: Kind) -> None:
    world.save(world.person("zoe@example.nl"))
    world.crm.data.faults.add(Fault(kind, path="/contacts"))
    shown = sample(world.environment)
    assert not shown.read and not shown.values
