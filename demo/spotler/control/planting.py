"""Contacts stored in the account directly, as many as a benchmark needs."""

from typing import Any

from demo.spotler import dates
from demo.spotler.account.contacts import Contact, Standing
from demo.spotler.errors import invalid_params
from demo.spotler.state import State

_KEYS = frozenset(
    [
        "externalId",
        "email",
        "properties",
        "permissions",
        "sets",
        "standing",
        "testGroup",
        "created",
        "lastChanged",
    ]
)


def plant(state: State, description: dict[str, Any]) -> Contact:
    """Make or change a contact; values are not checked, so that tests can plant what they like.

    Keys, all optional: externalId (an existing one is changed), email, properties, permissions
    (a list of bits that are on), sets (name → list of bits), standing, testGroup, created and
    lastChanged (ISO 8601).
    """
    unknown = sorted(set(description) - _KEYS)
    if unknown:
        raise invalid_params(f"Unknown keys of a contact: {', '.join(unknown)}")
    directory = state.account.directory
    external_id = description.get("externalId")
    created = _moment(description, "created")
    contact = directory.by_external_id(external_id) if external_id is not None else None
    contact = contact or directory.create(external_id, created)
    values = dict(description.get("properties", {}))
    if "email" in description:
        values["email"] = description["email"]
    for name, value in values.items():
        directory.set_property(contact, name, value)
    sets = dict(description.get("sets", {}))
    if "permissions" in description:
        sets["permissions"] = description["permissions"]
    for name, bits in sets.items():
        contact.sets[name] = sum(set(bits))
    contact.test_group = description.get("testGroup", contact.test_group)
    contact.standing = Standing(description.get("standing", contact.standing))
    directory.touch(contact, _moment(description, "lastChanged"))
    return contact


def _moment(description: dict[str, Any], key: str) -> int | None:
    text = description.get(key)
    return None if text is None else dates.parse(text)
