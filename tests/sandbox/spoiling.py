"""Bodies as the official description asks for them (spotler-api.md §2), and each of them spoilt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

ODD: tuple[Any, ...] = (
    None, True, 0, 1.5, 10**30, "", "\0", "x" * 5000, [], [None], {}, {"a": [{}]}
)  # fmt: skip
KNOWN = "known"
PROPERTIES = {
    "email": "known@example.nl",
    "firstName": "Zoë",
    "gender": "F",
    "birthday": "1980-02-29",
    "klantSinds": "2020-01-31",
    "firstPurchaseDate": "2024-05-01T12:00:00+02:00",
    "mobileNumber": "+31612345678",
    "postalCode": "1234 AB",
    "aantalMedewerkers": 12,
    "jaaromzet": "1250.50",
    "permissions": [{"bit": 1, "enabled": True, "description": "Nieuws"}],
}
CONTACT = {
    "externalId": KNOWN,
    "testGroup": False,
    "properties": PROPERTIES,
    "channels": [{"name": "EMAIL", "value": True}],
}
SHORT = {"externalId": KNOWN, "properties": {"email": "known@example.nl"}}
FIELDS = [
    {"name": "titel", "type": "STRING", "value": "Gids"},
    {"name": "producten", "type": "PRODUCTLIST", "values": ["7"]},
]
BODIES: dict[str, dict[str, Any]] = {
    "POST /contact": {"update": True, "purge": False, "contact": CONTACT},
    "PUT /contact/known": {"update": True, "purge": False, "contact": SHORT},
    "POST /contact/list": {"update": True, "purge": False, "contacts": [SHORT]},
    "POST /subscription/subscribe": SHORT,
    "POST /campaign/trigger/{trigger}": {"externalContactId": KNOWN, "campaignFields": FIELDS},
    "POST /campaign/{campaign}/stop": {"externalContactId": KNOWN},
    "POST /automation/trigger/{code}": {"externalContactId": KNOWN, "automationFields": FIELDS},
    "POST /audience": {"externalId": "new", "name": "New", "description": "A group"},
    "PUT /audience/group": {"externalId": "group", "name": "Group", "description": "A group"},
    "POST /audience/group/contact": {"contacts": [KNOWN]},
    "DELETE /audience/group/contact": {"contacts": [KNOWN]},
    "POST /templist": {"externalTemporaryListId": "new", "name": "New", "contacts": [KNOWN]},
    "POST /templist/list": {"contacts": [KNOWN]},
}
DONE = {
    "POST /contact/list": 200,
    "POST /automation/trigger/{code}": 200,
    "POST /audience": 200,
    "PUT /audience/group": 200,
}
"""How a call says that it was carried out; the others answer 204 with nothing."""
# Numbers are ids too (§7 [C]), and amounts (§3 [U]).
NUMBERS_TOO = {"externalId", "externalContactId", "externalTemporaryListId", "contacts",
               "jaaromzet", "value", "values"}  # fmt: skip

Place = tuple[str | int, ...]


def places(body: Any, here: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Each value of a body, and where it is."""
    yield here, body
    if isinstance(body, dict | list):
        for key, value in body.items() if isinstance(body, dict) else enumerate(body):
            yield from places(value, (*here, key))


def spoilt(body: Any, place: Place, value: Any) -> Any:
    """The body with another value in one place."""
    if not place:
        return value
    copy: Any = dict(body) if isinstance(body, dict) else list(body)
    copy[place[0]] = spoilt(body[place[0]], place[1:], value)
    return copy


def is_wrong(place: Place, right: Any, value: Any) -> bool:
    """Whether a value is of another type than the description has there.

    What cannot be modified is sent along by published clients, and not looked at (§2.1 [C]); what
    an empty property does is unknown ([U]).
    """
    names = [each for each in place if isinstance(each, str)]
    name = names[-1] if names else ""
    if value is None or type(value) is type(right):
        return False
    if "properties" in names and (value == "" or name == "description"):
        return False
    if "channels" in names:
        return False
    return not (isinstance(right, str) and name in NUMBERS_TOO and type(value) in (int, float))
