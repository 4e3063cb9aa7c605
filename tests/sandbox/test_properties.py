"""``contact/properties/list``: spotler-api.md §3."""

import pytest

from demo.spotler.account.properties import TYPES
from demo.spotler.seed.fields import PERMISSIONS
from tests.sandbox.clients import Api, Control


def test_all_types_and_pseudo_entries(api: Api) -> None:
    listed = {each["name"]: each for each in api.get("/contact/properties/list").json()}
    assert {each["type"] for each in listed.values()} == set(TYPES)
    assert {"externalId", "testGroup", "permissions"} <= set(listed)
    assert listed["phoneNumber"] == {
        "name": "phoneNumber",
        "description": "Telefoon nr.",
        "type": "string",
    }
    assert listed["mobileNumber"]["description"] == "Mobiel nr."
    assert "internScore" not in listed


def test_permissions_are_those_of_the_manual(api: Api) -> None:
    listed = {each["name"]: each for each in api.get("/contact/properties/list").json()}
    entries = listed["permissions"]["entries"]
    assert [entry["description"] for entry in entries] == list(PERMISSIONS)
    assert [entry["bit"] for entry in entries] == [1, 2, 4, 8, 16, 32, 64, 128]


def test_hidden_and_new_fields(api: Api, control: Control) -> None:
    control("PUT", "/properties/taal", {"visible": False})
    control("PUT", "/properties/hobby", {"description": "Hobby", "type": "string"})
    added = control("POST", "/permissions", {"description": "Nieuwsbrief"})
    listed = {each["name"]: each for each in api.get("/contact/properties/list").json()}
    assert "taal" not in listed and listed["hobby"]["description"] == "Hobby"
    assert added["bit"] == 256 and listed["permissions"]["entries"][-1] == added
    assert api.error(api.save("a", email="a@example.nl", taal="nl")) == (400, "INVALID_PROPERTY")


GOOD = {
    "birthday": "1980-02-29",
    "klantSinds": "2020-01-31",
    "firstPurchaseDate": "2024-05-01T12:00:00+02:00",
    "gender": "F",
    "aantalMedewerkers": 12,
    "mobileNumber": "+31612345678",
    "jaaromzet": "1250.50",
    "postalCode": "1234 AB",
    "firstName": "Zoë",
    "profileFields": [{"bit": 2, "enabled": True}],
}


def test_a_good_value_of_each_type(api: Api) -> None:
    assert api.save("a", email="a@example.nl", **GOOD).status_code == 204
    stored = api.get("/contact/a").json()["properties"]
    assert {name: stored[name] for name in GOOD if name != "profileFields"} == {
        name: value for name, value in GOOD.items() if name != "profileFields"
    }
    assert [each["enabled"] for each in stored["profileFields"]] == [False, True] + [False] * 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "geen adres"),
        ("email", "a@b"),
        ("birthday", "31-01-1980"),
        ("birthday", "1981-02-29"),
        ("klantSinds", "2020-01-31T00:00:00"),
        ("firstPurchaseDate", "2024-05-01T12:00:00"),
        ("gender", "MALE"),
        ("aantalMedewerkers", "12"),
        ("aantalMedewerkers", True),
        ("mobileNumber", "thuis"),
        ("jaaromzet", "veel"),
        ("postalCode", "B-1000"),
        ("postalCode", "0123 AB"),
        ("firstName", 7),
        ("permissions", [{"bit": 3, "enabled": True}]),
        ("permissions", [{"bit": 1}]),
        ("permissions", [{"bit": 1.0, "enabled": True}]),
        ("permissions", True),
        ("onbekend", "x"),
        ("internScore", 1),
        ("externalId", "x"),
    ],
)
def test_bad_values_change_nothing(api: Api, name: str, value: object) -> None:
    api.save("a", email="a@example.nl", lastName="Oud")
    before = api.get("/contact/a").json()
    answer = api.save("a", lastName="Nieuw", **{name: value})
    assert api.error(answer) == (400, "INVALID_PROPERTY")
    assert api.get("/contact/a").json() == before


@pytest.mark.parametrize(
    ("mode", "status", "left"),
    [("ignore", 204, "Bij"), ("clear", 204, None), ("refuse", 400, "Bij")],
)
@pytest.mark.parametrize("empty", [None, ""])
def test_empty_values(
    api: Api, control: Control, mode: str, status: int, left: str | None, empty: str | None
) -> None:
    control.set(empty_values=mode)
    api.save("a", email="a@example.nl", firstName="Bij")
    assert api.save("a", firstName=empty).status_code == status
    assert api.get("/contact/a").json()["properties"].get("firstName") == left
