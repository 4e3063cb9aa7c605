"""Automations: listed by Spotler, or typed in by trigger code."""

from __future__ import annotations

import pytest

from demo.crm.server import DemoCrm
from demo.spotler.server import Sandbox
from spotler_plugin import spotler
from spotler_plugin.models import (
    AutomationKind,
    AutomationOrigin,
    Environment,
)
from spotler_plugin.services.catalogue.automations import (
    AlreadyThere,
    NoTriggerCode,
    add_automation,
    listed_automations,
    remove_automation,
)
from spotler_plugin.services.catalogue.store import count_catalogue, store_catalogue
from tests.services.catalogue.readings import CODE, labels, reading, started
from tests.world.accounts import environment_of


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
