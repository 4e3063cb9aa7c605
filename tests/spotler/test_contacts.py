"""Reading, searching and writing contacts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from spotler_plugin.spotler import (
    ContactWrite,
    InvalidAnswer,
    NotFound,
    SaveCode,
    SaveResult,
    SpotlerClient,
)

BASE = "https://spotler.test/integrationservice"


def raw(**changes: Any) -> dict[str, Any]:
    """A contact as Spotler sends it."""
    return {
        "externalId": "alice",
        "encryptedId": "enc",
        "created": "2026-01-02T03:04:05+01:00",
        "lastChanged": 1_767_319_445_000,
        "testGroup": True,
        "temporary": False,
        "channels": [{"name": "EMAIL", "value": True}, {"name": "SMS", "value": False}],
        "properties": {
            "email": "alice@example.nl",
            "permissions": [
                {"bit": 1, "enabled": True, "description": "Nieuws"},
                {"bit": 2, "enabled": False},
                {"bit": 4},
            ],
            "profileFields": [{"bit": 1, "enabled": True}],
        },
    } | changes


def test_get(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    mail_plus.get(f"{BASE}/contact/alice", json=raw())
    contact = client.contacts.get("alice")
    assert contact is not None
    assert (contact.external_id, contact.encrypted_id, contact.email) == (
        "alice",
        "enc",
        "alice@example.nl",
    )
    assert contact.permissions == {1: True, 2: False, 4: False}
    assert contact.properties == {"email": "alice@example.nl", "profileFields": {1: True}}
    assert contact.created == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert contact.last_changed == datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert contact.active and contact.test_group and not contact.temporary
    assert "alice@" not in repr(contact)


@pytest.mark.parametrize(
    ("channels", "active"),
    [
        ([{"name": "EMAIL", "value": True}], True),
        ([{"name": "EMAIL", "value": False}], False),
        ([{"name": "EMAIL", "value": None}], False),
        ([{"name": "EMAIL"}], False),
        ([{"name": "SMS", "value": False}], True),
        ([], True),
        (None, True),
    ],
)
def test_active_is_the_email_channel(
    client: SpotlerClient, mail_plus: responses.RequestsMock, channels: Any, active: bool
) -> None:
    mail_plus.get(f"{BASE}/contact/alice", json=raw(channels=channels))
    contact = client.contacts.get("alice")
    assert contact is not None and contact.active is active


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (1_767_319_445, datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)),
        ("1767319445000", datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)),
        ("2026-01-02T02:04:05Z", datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05.000+0100", datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)),
        ("2026-01-02T02:04:05", datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
        (10**30, None),
    ],
)
def test_moments(
    client: SpotlerClient, mail_plus: responses.RequestsMock, value: Any, moment: datetime | None
) -> None:
    mail_plus.get(f"{BASE}/contact/alice", json=raw(lastChanged=value))
    contact = client.contacts.get("alice")
    assert contact is not None and contact.last_changed == moment


@pytest.mark.parametrize(
    "broken", [{"encryptedId": None}, {"encryptedId": ""}, {"properties": ["email"]}]
)
def test_what_is_no_contact(
    client: SpotlerClient, mail_plus: responses.RequestsMock, broken: dict[str, Any]
) -> None:
    mail_plus.get(f"{BASE}/contact/alice", json=raw(**broken))
    with pytest.raises(InvalidAnswer):
        client.contacts.get("alice")


def test_unknown_contact(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    gone = {"errorType": "CONTACT_NOT_FOUND", "message": ""}
    mail_plus.get(f"{BASE}/contact/alice", status=404, json=gone)
    mail_plus.put(f"{BASE}/contact/inactivate/alice", status=404, json=gone)
    assert client.contacts.get("alice") is None
    assert client.contacts.inactivate("alice") is False


def test_a_404_of_something_else_is_no_missing_contact(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    mail_plus.get(f"{BASE}/contact/alice", status=404, body="<html>no such path</html>")
    mail_plus.put(f"{BASE}/contact/inactivate/alice", status=404, body="")
    with pytest.raises(NotFound):
        client.contacts.get("alice")
    with pytest.raises(NotFound):
        client.contacts.inactivate("alice")


def test_search_checks_every_hit(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    hits = [
        raw(encryptedId="1", properties={"email": "Jan+Test@example.nl"}),
        raw(encryptedId="2", properties={"email": "other@example.nl"}),
        raw(encryptedId="3", properties={}),
    ]
    query = "MPSearchQuery=email%3Djan%2Btest%40example.nl&pageSize=1000&after=0"
    mail_plus.get(f"{BASE}/contact/search", json={"paging": {}, "contacts": hits})
    found = client.contacts.search("email", "jan+test@example.nl")
    assert [contact.encrypted_id for contact in found] == ["1"]
    assert str(mail_plus.calls[0].request.url).endswith(query)


def test_search_other_properties_to_the_letter(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    hits = [raw(encryptedId=name, properties={"city": name}) for name in ("Aalst", "aalst")]
    mail_plus.get(f"{BASE}/contact/search", json=hits)
    assert [each.encrypted_id for each in client.contacts.search("city", "Aalst")] == ["Aalst"]


@pytest.mark.parametrize(("name", "value"), [("", "x"), ("email", ""), ("a=b", "x")])
def test_search_needs_one_criterion(client: SpotlerClient, name: str, value: str) -> None:
    with pytest.raises(ValueError, match="search"):
        client.contacts.search(name, value)


def test_save(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    mail_plus.post(f"{BASE}/contact", status=204)
    write = ContactWrite(
        "alice", {"city": "Ede", "profileFields": {"2": False, 1: True}}, {4: False, 1: True}, False
    )
    client.contacts.save(write, purge=True)
    assert _sent(mail_plus) == {
        "update": True,
        "purge": True,
        "contact": {
            "externalId": "alice",
            "testGroup": False,
            "properties": {
                "city": "Ede",
                "profileFields": [{"bit": 1, "enabled": True}, {"bit": 2, "enabled": False}],
                "permissions": [{"bit": 1, "enabled": True}, {"bit": 4, "enabled": False}],
            },
        },
    }


def test_no_permission_is_written_unasked(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    mail_plus.post(f"{BASE}/contact", status=204)
    client.contacts.save(ContactWrite("alice", {"city": "Ede"}))
    assert _sent(mail_plus)["contact"] == {"externalId": "alice", "properties": {"city": "Ede"}}


def test_replace(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    mail_plus.put(f"{BASE}/contact/alice", status=204)
    client.contacts.replace(ContactWrite("alice", {"city": "Ede"}))
    assert _sent(mail_plus) == {
        "purge": True,
        "contact": {"externalId": "alice", "properties": {"city": "Ede"}},
    }


def test_writes_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="external id"):
        ContactWrite("", {})
    with pytest.raises(ValueError, match="Permissions"):
        ContactWrite("alice", {"permissions": []})


def test_save_many_gives_everybody_a_result(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    answer = [
        {"externalId": "dave", "code": "SOMETHING_NEW", "message": "why"},
        {"externalId": "bob", "code": "CONTACT_OPTOUT", "message": "signed off"},
        {"externalId": "alice", "code": "OK", "message": None},
        {"externalId": 5, "code": "OK"},
        {"externalId": "twice", "code": "OK"},
        {"externalId": "twice", "code": "PROPERTY_INVALID"},
        {"externalId": "stranger", "code": "OK"},
    ]
    mail_plus.post(f"{BASE}/contact/list", json=answer)
    names = ["alice", "bob", "charlie", "dave", "5", "twice"]
    results = client.contacts.save_many([ContactWrite(name, {}) for name in names])
    assert {name: result.code for name, result in results.items()} == {
        "alice": SaveCode.OK,
        "bob": SaveCode.CONTACT_OPTOUT,
        "charlie": SaveCode.ERROR,
        "dave": SaveCode.ERROR,
        "5": SaveCode.OK,
        "twice": SaveCode.PROPERTY_INVALID,
    }
    assert results["dave"] == SaveResult(SaveCode.ERROR, "why")
    assert results["charlie"].message


def test_save_many_limits(client: SpotlerClient) -> None:
    assert client.contacts.save_many([]) == {}
    with pytest.raises(ValueError, match="100"):
        client.contacts.save_many([ContactWrite(str(number), {}) for number in range(101)])
    with pytest.raises(ValueError, match="twice"):
        client.contacts.save_many([ContactWrite("alice", {}), ContactWrite("alice", {})])


def _sent(mail_plus: responses.RequestsMock) -> Any:
    return json.loads(mail_plus.calls[0].request.body or b"")
