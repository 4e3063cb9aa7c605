"""What Spotler and the CRM may have to choose from."""

from __future__ import annotations

from spotler_plugin import crm as customer
from spotler_plugin import spotler
from spotler_plugin.models import (
    Environment,
)
from spotler_plugin.services.catalogue.automations import (
    listed_automations,
)
from spotler_plugin.services.catalogue.fetch import Reading

FIRST_NAME = spotler.Property("firstName", "Voornaam", "string")


PERMISSIONS = spotler.Property(
    "permissions",
    "Permissies",
    "set",
    (spotler.Entry(1, "Nieuwsbrief", 1), spotler.Entry(2**40, "Beheerder", 2)),
)


FIELD = customer.Field("first_name", "Voornaam", "text", customer.Entity.CONTACT)


CODE = "8f14e45f-ceea-467a-9575-2b7d1c3c1b2a"


def reading(
    *properties: spotler.Property,
    automations: list[spotler.Automation] | None = None,
    campaigns: list[spotler.Campaign] | None = None,
    fields: list[customer.Field] | None = None,
) -> Reading:
    return Reading(properties or (FIRST_NAME,), automations, campaigns, fields)


def started(*codes: str, name: str = "Welkom", active: bool = True) -> spotler.Automation:
    triggers = tuple(spotler.AutomationTrigger(code, f"trigger {code}") for code in codes)
    return spotler.Automation("1", name, active, triggers)


def labels(environment: Environment) -> list[str]:
    return [row.label for row in listed_automations(environment.id)]
