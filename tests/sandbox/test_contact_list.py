"""``POST contact/list``: spotler-api.md §2.1."""

from typing import Any

import pytest

from tests.sandbox.clients import Api, Control


def item(external_id: str | None, **properties: Any) -> dict[str, Any]:
    """A contact of the list."""
    contact: dict[str, Any] = {"properties": properties}
    return contact if external_id is None else {"externalId": external_id, **contact}


def codes(answer: Any) -> list[tuple[str, str]]:
    """externalId and code of every answer."""
    assert answer.status_code == 200, answer.text
    return [(each["externalId"], each["code"]) for each in answer.json()]


def test_a_hundred_at_once(api: Api) -> None:
    contacts = [item(f"c{number}", email=f"c{number}@example.nl") for number in range(100)]
    answer = codes(api.post("/contact/list", {"update": True, "contacts": contacts}))
    assert answer == [(f"c{number}", "OK") for number in range(100)]
    assert api.get("/contact/c99").status_code == 200


@pytest.mark.parametrize(
    "contacts",
    [
        [item(f"c{number}", email=f"c{number}@example.nl") for number in range(101)],
        [item("c0", email="c0@example.nl"), item(None, email="x@example.nl")],
    ],
)
def test_nothing_is_written_when_the_call_is_refused(api: Api, contacts: list[Any]) -> None:
    answer = api.post("/contact/list", {"update": True, "contacts": contacts})
    assert api.error(answer) == (400, "INVALID_PARAMS")
    assert api.get("/contact/c0").status_code == 404


def test_each_contact_has_its_own_outcome(api: Api, control: Control) -> None:
    control.set(forced_codes={"unknown": "CONTACT_UNKNOWN", "wrong": "ERROR"})
    contacts = [
        item("good", email="good@example.nl"),
        item("bad", email="bad"),
        item("left", email="afgemeld@example.nl"),
        item("mute", firstName="Stil"),
        item("unknown", email="u@example.nl"),
        item("wrong", email="w@example.nl"),
    ]
    assert codes(api.post("/contact/list", {"update": True, "contacts": contacts})) == [
        ("good", "OK"),
        ("bad", "PROPERTY_INVALID"),
        ("left", "CONTACT_OPTOUT"),
        ("mute", "NO_ACTIVE_CHANNEL"),
        ("unknown", "CONTACT_UNKNOWN"),
        ("wrong", "ERROR"),
    ]


def test_without_update_existing_contacts_stay(api: Api) -> None:
    api.save("a", email="a@example.nl", firstName="Oud")
    contacts = [item("a", firstName="Nieuw"), item("b", email="b@example.nl")]
    answer = codes(api.post("/contact/list", {"contacts": contacts}))
    assert answer == [("a", "CONTACT_ALREADY_EXISTS"), ("b", "OK")]
    assert api.get("/contact/a").json()["properties"]["firstName"] == "Oud"


def test_purge_holds_for_the_list_too(api: Api) -> None:
    api.save("a", email="a@example.nl", firstName="Oud")
    body = {"update": True, "purge": True, "contacts": [item("a", email="a@example.nl")]}
    assert codes(api.post("/contact/list", body)) == [("a", "OK")]
    assert "firstName" not in api.get("/contact/a").json()["properties"]


def test_both_bases_answer_alike(api: Api, legacy: Api) -> None:
    body = {"update": True, "contacts": [item("a", email="a@example.nl")]}
    assert codes(legacy.post("/contact/list", body)) == codes(api.post("/contact/list", body))


def test_a_list_that_only_updates_knows_nobody_new(api: Api, control: Control) -> None:
    control.set(list_creates=False)
    api.save("a", email="a@example.nl")
    contacts = [
        item("a", email="a@example.nl", firstName="Nieuw"),
        item("b", email="b@example.nl"),
        item("c", email="bad"),
        # Known by its address: the list gives it the id, as POST contact does.
        item("d", email="zoe@example.nl"),
    ]
    api.save("z", email="zoe@example.nl")
    assert codes(api.post("/contact/list", {"update": True, "contacts": contacts})) == [
        ("a", "OK"),
        ("b", "CONTACT_UNKNOWN"),
        ("c", "PROPERTY_INVALID"),
        ("d", "OK"),
    ]
    assert api.get("/contact/b").status_code == 404
    assert api.save("b", email="b@example.nl").status_code == 204
