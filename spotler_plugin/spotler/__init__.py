"""Client of Spotler Mail+: `connect` gives a SpotlerClient; what goes wrong is a SpotlerError."""

from spotler_plugin.rest.errors import Decision
from spotler_plugin.spotler.automations import (
    Automation,
    Automations,
    AutomationTrigger,
    TriggerResult,
)
from spotler_plugin.spotler.campaigns import Campaign, Campaigns, CampaignTrigger
from spotler_plugin.spotler.client import SpotlerClient, connect
from spotler_plugin.spotler.contacts import (
    MAX_SAVE,
    Bounce,
    BounceKind,
    Contact,
    Contacts,
    ContactWrite,
    SaveCode,
    SaveResult,
)
from spotler_plugin.spotler.errors import (
    ContactOptedOut,
    CredentialsRefused,
    InvalidAnswer,
    NotFound,
    RateLimited,
    Refused,
    SpotlerError,
    Unavailable,
    UnknownOutcome,
)
from spotler_plugin.spotler.mailings import Mailings, Sent
from spotler_plugin.spotler.properties import Entry, Properties, Property
from spotler_plugin.spotler.transport import Transport

__all__ = [
    "MAX_SAVE",
    "Automation",
    "AutomationTrigger",
    "Automations",
    "Bounce",
    "BounceKind",
    "Campaign",
    "CampaignTrigger",
    "Campaigns",
    "Contact",
    "ContactOptedOut",
    "ContactWrite",
    "Contacts",
    "CredentialsRefused",
    "Decision",
    "Entry",
    "InvalidAnswer",
    "Mailings",
    "NotFound",
    "Properties",
    "Property",
    "RateLimited",
    "Refused",
    "SaveCode",
    "SaveResult",
    "Sent",
    "SpotlerClient",
    "SpotlerError",
    "Transport",
    "TriggerResult",
    "Unavailable",
    "UnknownOutcome",
    "connect",
]
