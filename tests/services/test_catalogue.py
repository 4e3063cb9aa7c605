"""What there is to choose from: taken over, marked when it vanishes, back when it returns."""

from __future__ import annotations

import pytest
from flask import Flask

from demo.crm.server import DemoCrm
from demo.spotler.server import Sandbox
from spotler_plugin import crm as customer
from spotler_plugin import spotler
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Automation,
    AutomationKind,
    AutomationOrigin,
    Environment,
    Field,
    Permission,
    Property,
)
from spotler_plugin.planning.types import FieldType
from spotler_plugin.services.catalogue.automations import (
    AlreadyThere,
    NoTriggerCode,
    add_automation,
    listed_automations,
    remove_automation,
)
from spotler_plugin.services.catalogue.fetch import Reading
from spotler_plugin.services.catalogue.fields import crm_fields
from spotler_plugin.services.catalogue.properties import mappable_properties
from spotler_plugin.services.catalogue.store import count_catalogue, store_catalogue
from spotler_plugin.services.mapping.store import make_base_mapping, mapping_rows, saved_mapping
from tests.services.accounts import environment_of

CODE = "8f14e45f-ceea-467a-9575-2b7d1c3c1b2a"


@pytest.fixture
def acme(app: Flask, sandbox: Sandbox, crm: DemoCrm) -> Environment:
    return environment_of("acme", sandbox, crm)


def reading(
    *properties: spotler.Property,
    automations: list[spotler.Automation] | None = None,
    campaigns: list[spotler.Campaign] | None = None,
    fields: list[customer.Field] | None = None,
) -> Reading:
    return Reading(properties or (FIRST_NAME,), automations, campaigns, fields)


FIRST_NAME = spotler.Property("firstName", "Voornaam", "string")
PERMISSIONS = spotler.Property(
    "permissions",
    "Permissies",
    "set",
    (spotler.Entry(1, "Nieuwsbrief", 1), spotler.Entry(2**40, "Beheerder", 2)),
)
FIELD = customer.Field("first_name", "Voornaam", "text", customer.Entity.CONTACT)


def started(*codes: str, name: str = "Welkom", active: bool = True) -> spotler.Automation:
    triggers = tuple(spotler.AutomationTrigger(code, f"trigger {code}") for code in codes)
    return spotler.Automation("1", name, active, triggers)


def labels(environment: Environment) -> list[str]:
    return [row.label for row in listed_automations(environment.id)]


def test_permissions_are_the_entries_of_their_property(acme: Environment) -> None:
    store_catalogue(acme.id, reading(FIRST_NAME, PERMISSIONS))
    rows = db.session.query(Permission).order_by(Permission.position).all()
    assert [(row.bit, row.description) for row in rows] == [
        (1, "Nieuwsbrief"),
        (2**40, "Beheerder"),
    ]
    assert [row.name for row in db.session.query(Property)] == ["firstName"]


def test_what_vanishes_is_marked_and_comes_back(acme: Environment) -> None:
    more = spotler.Property("lastName", "Achternaam", "string")
    store_catalogue(acme.id, reading(FIRST_NAME, more, fields=[FIELD]))
    store_catalogue(acme.id, reading(more))
    assert [each.name for each in mappable_properties(acme.id)] == ["lastName"]
    assert db.session.query(Property).count() == 2
    assert count_catalogue(acme.id).fields == 1, "the CRM was not read, so nothing is known of it"
    store_catalogue(acme.id, reading(more, FIRST_NAME))
    assert [each.name for each in mappable_properties(acme.id)] == ["lastName", "firstName"]
    assert db.session.query(Property).count() == 2


def test_without_a_permissions_property_the_permissions_stay(acme: Environment) -> None:
    store_catalogue(acme.id, reading(FIRST_NAME, PERMISSIONS))
    store_catalogue(acme.id, reading(FIRST_NAME))
    assert count_catalogue(acme.id).permissions == 2


def test_a_mapping_row_whose_property_vanished_feeds_nothing(acme: Environment) -> None:
    store_catalogue(acme.id, reading(FIRST_NAME, fields=[FIELD]))
    assert make_base_mapping(acme)
    assert not make_base_mapping(acme), "it is made once"
    store_catalogue(acme.id, reading(spotler.Property("x", "X", "hologram"), fields=[FIELD]))
    assert mapping_rows(acme.id) == []
    assert list(saved_mapping(acme.id).values()) == ["firstName"], "it may come back"


def test_names_and_labels_of_any_length_are_taken(acme: Environment) -> None:
    long = spotler.Property("n" * 400, "te lang", "string")
    odd = spotler.Property("odd", "🌷" * 400, "t" * 100)
    field = customer.Field("odd", "🌷" * 400, "t" * 100, customer.Entity.CONTACT)
    store_catalogue(acme.id, reading(FIRST_NAME, long, odd, fields=[field]))
    assert [row.name for row in db.session.query(Property).order_by(Property.id)] == [
        "firstName",
        "odd",
    ]
    kept = db.session.query(Field).one()
    assert (len(kept.label), kept.type) == (300, FieldType.UNKNOWN)


def test_campaigns_are_the_active_ones_that_can_be_started(acme: Environment) -> None:
    first, second = spotler.CampaignTrigger("one", "a"), spotler.CampaignTrigger("two", "b")
    campaigns = [
        spotler.Campaign("1", "Welkom", True, (first, second)),
        spotler.Campaign("2", "Oud", False, (first,)),
        spotler.Campaign("3", "Zonder", True),
    ]
    store_catalogue(acme.id, reading(campaigns=campaigns))
    [row] = listed_automations(acme.id)
    assert (row.kind, row.code, row.label) == (AutomationKind.CAMPAIGN, "one", "Welkom")


def test_an_automation_is_there_by_trigger_code(acme: Environment) -> None:
    found = [started("a", "b"), started("c", name="Uit", active=False), started("a", name="Ook")]
    store_catalogue(acme.id, reading(automations=found))
    assert labels(acme) == ["Welkom · trigger a + Ook", "Welkom · trigger b", "Uit"]
    assert [row.active for row in listed_automations(acme.id)] == [True, True, False]


def test_what_was_typed_in_stays_until_it_is_listed(acme: Environment) -> None:
    add_automation(acme.id, "Met de hand", f" {CODE.upper()} ")
    store_catalogue(acme.id, reading(automations=[started("other")]))
    assert labels(acme) == ["Welkom", "Met de hand"]
    assert count_catalogue(acme.id).automations == 1
    store_catalogue(acme.id, reading(automations=None))
    assert labels(acme) == ["Welkom", "Met de hand"], "no list says nothing"
    store_catalogue(acme.id, reading(automations=[started(CODE, name="Echte naam")]))
    assert labels(acme) == ["Echte naam"]
    store_catalogue(acme.id, reading(automations=[]))
    assert labels(acme) == []


def test_a_code_is_entered_once_and_can_come_back(acme: Environment) -> None:
    row = add_automation(acme.id, "Een", CODE)
    with pytest.raises(AlreadyThere):
        add_automation(acme.id, "Twee", CODE)
    assert remove_automation(acme.id, row.id)
    assert not remove_automation(acme.id, row.id)
    again = add_automation(acme.id, "Drie", CODE)
    assert again.id == row.id and labels(acme) == ["Drie"]


@pytest.mark.parametrize("code", ["", "x", CODE[:-1], f"{{{CODE}}}", CODE.replace("-", ""), "🔑"])
def test_a_trigger_code_is_a_uuid(acme: Environment, code: str) -> None:
    with pytest.raises(NoTriggerCode):
        add_automation(acme.id, "Naam", code)


def test_what_is_listed_or_of_another_environment_cannot_be_removed(
    acme: Environment, sandbox: Sandbox, crm: DemoCrm
) -> None:
    other = environment_of("other", sandbox, crm)
    store_catalogue(acme.id, reading(automations=[started("a")]))
    mine = add_automation(acme.id, "Met de hand", CODE)
    theirs = add_automation(other.id, "Met de hand", CODE)
    [listed] = [row for row in listed_automations(acme.id) if row.origin is AutomationOrigin.LISTED]
    assert not remove_automation(acme.id, listed.id)
    assert not remove_automation(acme.id, theirs.id)
    assert remove_automation(acme.id, mine.id)
    assert labels(other) == ["Met de hand"]


def test_choices_go_along_to_the_mapping(acme: Environment) -> None:
    language = customer.Field(
        "language",
        "Voorkeurstaal",
        "choice",
        customer.Entity.CONTACT,
        choices=(customer.Choice("nl", "Nederlands"),),
    )
    store_catalogue(acme.id, reading(fields=[language]))
    [field] = crm_fields(acme.id)
    assert field.choices == (("nl", "Nederlands"),)
    assert db.session.query(Field).one().entity == "contact"
    assert db.session.query(Automation).count() == 0
