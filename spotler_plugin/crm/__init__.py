"""Client of the CRM's API: `connect` gives a CrmClient; what goes wrong is a CrmError."""

from spotler_plugin.crm.client import CrmClient, connect
from spotler_plugin.crm.contacts import (
    BEGINNING,
    MAX_CONTACTS,
    ContactBatch,
    Contacts,
    CrmContact,
    PatchResult,
)
from spotler_plugin.crm.errors import (
    Conflict,
    CrmError,
    Endless,
    InvalidAnswer,
    NotFound,
    RateLimited,
    Refused,
    TokenRefused,
    Unavailable,
    UnknownOutcome,
)
from spotler_plugin.crm.fields import Choice, Entity, Field, Fields
from spotler_plugin.crm.relations import Relation, Relations
from spotler_plugin.crm.selections import SelectionPage, Selections
from spotler_plugin.crm.transport import Transport
from spotler_plugin.rest.errors import Decision

__all__ = [
    "BEGINNING",
    "MAX_CONTACTS",
    "Choice",
    "Conflict",
    "ContactBatch",
    "Contacts",
    "CrmClient",
    "CrmContact",
    "CrmError",
    "Decision",
    "Endless",
    "Entity",
    "Field",
    "Fields",
    "InvalidAnswer",
    "NotFound",
    "PatchResult",
    "RateLimited",
    "Refused",
    "Relation",
    "Relations",
    "SelectionPage",
    "Selections",
    "TokenRefused",
    "Transport",
    "Unavailable",
    "UnknownOutcome",
    "connect",
]
