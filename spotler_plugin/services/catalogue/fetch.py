"""Read the catalogue from Spotler and the CRM; `store` stores it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from structlog import get_logger

from spotler_plugin import crm, spotler
from spotler_plugin.crm import CrmClient, CrmError
from spotler_plugin.spotler import InvalidAnswer, SpotlerClient, SpotlerError

log = get_logger()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read; None where it could not be read."""

    properties: Sequence[spotler.Property]
    automations: Sequence[spotler.Automation] | None
    campaigns: Sequence[spotler.Campaign] | None
    fields: Sequence[crm.Field] | None


def fetch_catalogue(client: SpotlerClient, customer: CrmClient) -> Reading:
    """Read both sides, without our database. Raises SpotlerError for the properties."""
    properties = fetch_properties(client)
    automations, campaigns = _flows(client)
    try:
        fields = customer.fields.list() or None
    except CrmError as error:
        log.info("catalogue.crm_away", error=type(error).__name__)
        fields = None
    return Reading(properties, automations, campaigns, fields)


def fetch_properties(client: SpotlerClient) -> Sequence[spotler.Property]:
    """Read the properties, permissions among them. Raises SpotlerError."""
    properties = client.properties.list()
    if not properties:
        # Every account has some; believing an empty list would empty the mapping.
        raise InvalidAnswer("GET contact/properties/list: nothing in it.")
    return properties


def _flows(
    client: SpotlerClient,
) -> tuple[Sequence[spotler.Automation] | None, Sequence[spotler.Campaign] | None]:
    """Read automations and campaigns. An account may lack either; connecting works without."""
    try:
        automations = client.automations.list()
    except SpotlerError as error:
        log.info("catalogue.no_automations", error=type(error).__name__)
        automations = None
    try:
        return automations, client.campaigns.list()
    except SpotlerError as error:
        log.info("catalogue.no_campaigns", error=type(error).__name__)
        return automations, None
