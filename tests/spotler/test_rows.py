"""A row of Spotler's that cannot be read costs itself, and none of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from spotler_plugin.spotler import (
    ContactWrite,
    InvalidAnswer,
    SaveCode,
    SpotlerClient,
    UnknownOutcome,
)

BASE = "https://spotler.test/integrationservice"
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
ENTRY = {"bit": 2, "description": "Nieuws", "rank": 1}
PERMISSIONS = {"name": "permissions", "type": "set", "entries": [ENTRY]}


def updates(client: SpotlerClient) -> list[str]:
    pages = client.contacts.updates(SINCE, UNTIL)
    return [each.encrypted_id for page in pages for each in page if each is not None]


def bounces(client: SpotlerClient) -> list[str | None]:
    pages = client.contacts.bounces(SINCE, UNTIL)
    return [each.external_id for page in pages for each in page if each.external_id]


Call = tuple[str, str | None, dict[str, Any], str, Callable[[SpotlerClient], Sequence[Any]]]
CALLS: dict[str, Call] = {
    "properties": (
        "contact/properties/list", None, {"name": "city", "type": "string"}, "name",
        lambda client: [each.name for each in client.properties.list()],
    ),
    "automations": (
        "automation/list", "automations", {"id": "a", "name": "Welkom"}, "id",
        lambda client: [each.id for each in client.automations.list() or ()],
    ),
    "campaigns": (
        "campaign/list", None, {"encryptedId": "c"}, "encryptedId",
        lambda client: [each.encrypted_id for each in client.campaigns.list()],
    ),
    "updates": (
        "contact/updates/list", "contacts", {"encryptedId": "e"}, "encryptedId", updates,
    ),
    "bounces": (
        "contact/bounces/list", "bounces",
        {"type": "HARD", "contact": {"externalId": "alice"}}, "contact", bounces,
    ),
    "search": (
        "contact/search", "contacts",
        {"encryptedId": "e", "properties": {"email": "zoe@example.nl"}}, "properties",
        lambda client: client.contacts.search("email", "zoe@example.nl"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"search"}))
@pytest.mark.parametrize("odd", [None, 7, "x", [], {}, True, "without", "wrong"])
def test_the_others_are_read(
    client: SpotlerClient, mail_plus: responses.RequestsMock, name: str, odd: Any
) -> None:
    """Of a search what cannot be seen may be the one that is looked for (test_paging)."""
    path, _key, good, needed, read = CALLS[name]
    if odd == "without":
        odd = {word: value for word, value in good.items() if word != needed}
    elif odd == "wrong":
        odd = good | {needed: [{"a": 1}]}
    mail_plus.get(f"{BASE}/{path}", json=[odd, good])
    assert len(read(client)) == 1


@pytest.mark.parametrize("name", ["automations", "updates", "bounces", "search"])
def test_null_beside_an_object_is_empty(
    client: SpotlerClient, mail_plus: responses.RequestsMock, name: str
) -> None:
    path, key, _good, _needed, read = CALLS[name]
    mail_plus.get(f"{BASE}/{path}", json={str(key): None})
    assert list(read(client)) == []


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("other", [None, 7, "x", {"errorType": "X"}])
def test_what_is_no_list_is_not_an_empty_one(
    client: SpotlerClient, mail_plus: responses.RequestsMock, name: str, other: Any
) -> None:
    path, _key, _good, _needed, read = CALLS[name]
    mail_plus.get(f"{BASE}/{path}", json=other)
    with pytest.raises(InvalidAnswer):
        read(client)


@pytest.mark.parametrize(
    "odd", [None, {}, {"bit": None}, {"bit": "one"}, {"bit": 2**63}, {"bit": True}, {"bit": 1.5}]
)
def test_an_entry_without_a_bit_hides_no_permission(
    client: SpotlerClient, mail_plus: responses.RequestsMock, odd: Any
) -> None:
    listed = PERMISSIONS | {"entries": [odd, ENTRY | {"rank": {}}]}
    mail_plus.get(f"{BASE}/contact/properties/list", json=[listed])
    [found] = client.properties.list()
    assert [(each.bit, each.description) for each in found.entries] == [(2, "Nieuws")]


@pytest.mark.parametrize("odd", [None, {}, {"bit": None, "enabled": True}, {"bit": "x"}, "x"])
def test_an_entry_without_a_bit_hides_no_sign_off(
    client: SpotlerClient, mail_plus: responses.RequestsMock, odd: Any
) -> None:
    """Nobody had seen that the contact signed off from another one."""
    told = [odd, {"bit": 1, "enabled": False}, {"bit": 2, "enabled": True}, {"bit": 4.0}]
    contact = {"encryptedId": "e", "properties": {"permissions": told}}
    mail_plus.get(f"{BASE}/contact/alice", json=contact)
    found = client.contacts.get("alice")
    assert found is not None and found.permissions == {1: False, 2: True, 4: False}


@pytest.mark.parametrize("odd", ["1,2", {"1": True}, 7, [None], [{"bit": "x"}]])
def test_permissions_that_cannot_be_read_are_not_off(
    client: SpotlerClient, mail_plus: responses.RequestsMock, odd: Any
) -> None:
    rows = [{"encryptedId": "a", "properties": {"permissions": odd}}, {"encryptedId": "e"}]
    mail_plus.get(f"{BASE}/contact/updates/list", json=rows)
    [[first, second]] = client.contacts.updates(SINCE, UNTIL)
    assert first is None and second is not None and second.permissions == {}


def test_one_odd_result_is_of_nobody(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    told = [None, {"externalId": {"id": "bob"}, "code": "OK"}, {"externalId": "a", "code": "OK"}]
    mail_plus.post(f"{BASE}/contact/list", json=told)
    results = client.contacts.save_many([ContactWrite("a", {}), ContactWrite("bob", {})])
    assert {id_: each.code for id_, each in results.items()} == {
        "a": SaveCode.OK,
        "bob": SaveCode.ERROR,
    }
    mail_plus.replace("POST", f"{BASE}/contact/list", json=[None, 7])
    with pytest.raises(UnknownOutcome):
        client.contacts.save_many([ContactWrite("a", {})])
