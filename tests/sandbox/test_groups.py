"""Audiences and temporary lists: spotler-api.md §2.6 and §2.7."""

import pytest

from tests.sandbox.clients import Api, Control


@pytest.fixture
def people(api: Api) -> Api:
    """Two contacts exist."""
    api.save("a", email="a@example.nl")
    api.save("b", email="b@example.nl")
    return api


def test_audience(people: Api, control: Control) -> None:
    made = people.post("/audience", {"externalId": "x", "name": "Klanten"})
    assert made.status_code == 200 and made.json()["name"] == "Klanten"
    renamed = people.put("/audience/x", {"externalId": "x", "name": "Oud", "description": "d"})
    assert renamed.json()["description"] == "d"
    emptied = people.put("/audience/x", {"externalId": "x", "name": "Oud", "description": None})
    assert emptied.json()["description"] == ""
    assert people.post("/audience/x/contact", {"contacts": ["a", "b"]}).status_code == 204
    assert people.delete("/audience/x/contact", {"contacts": ["a"]}).status_code == 204
    assert people.delete("/audience/x/contact").status_code == 204
    assert "lastContactRemovedAt" in people.get("/audience/x").json()
    assert people.delete("/audience/x").status_code == 204
    assert people.get("/audience/x").status_code == 404


def test_audience_errors(people: Api, control: Control) -> None:
    people.post("/audience", {"externalId": "x", "name": "Klanten"})
    people.post("/audience", {"externalId": "y", "name": "Anders"})
    assert people.error(people.post("/audience", {"externalId": "", "name": "n"}))[0] == 417
    assert people.error(people.post("/audience", {"externalId": "z", "name": "n" * 256}))[0] == 417
    same = people.post("/audience", {"externalId": "x", "name": "n"})
    assert people.error(same) == (417, "ID_NOTUNIQUE")
    taken = people.put("/audience/y", {"externalId": "y", "name": "Klanten"})
    assert people.error(taken) == (417, "NAME_ALREADY_IN_USE")
    nameless = people.put("/audience/y", {"name": "n"})
    assert people.error(nameless) == (417, "INVALID_PARAMS")
    other = people.put("/audience/y", {"externalId": "q", "name": "n"})
    assert people.error(other) == (400, "INVALID_PARAMS")
    missing = people.post("/audience/x/contact", {"contacts": ["a", "nobody"]})
    assert missing.status_code == 404 and missing.json()["externalContactIds"] == ["nobody"]
    assert people.post("/audience/x/contact", {"contacts": ["a"] * 2501}).status_code == 413
    assert people.post("/audience/x/contact", {}).status_code == 400
    control.set(audience_licence=False)
    assert people.error(people.get("/audience/x")) == (403, "NOT_AUTHORIZED")


def test_temporary_list(people: Api) -> None:
    body = {"externalTemporaryListId": "l", "name": "Actie", "contacts": ["a"]}
    assert people.post("/templist", body).status_code == 204
    assert people.error(people.post("/templist", body)) == (400, "ID_NOTUNIQUE")
    named = {"externalTemporaryListId": "m", "name": "Actie"}
    assert people.error(people.post("/templist", named)) == (400, "NAME_ALREADY_IN_USE")
    assert people.error(people.post("/templist", {"name": "x"})) == (400, "INVALID_PARAMS")
    unknown = {"externalTemporaryListId": "n", "name": "N", "contacts": ["nobody"]}
    assert people.error(people.post("/templist", unknown)) == (400, "CONTACT_NOT_FOUND")
    assert [each["type"] for each in people.get("/templist").json()] == ["API"]
    assert people.post("/templist/l", {"contacts": ["b"]}).status_code == 204
    assert people.error(people.post("/templist/l", {})) == (400, "INVALID_PARAMS")
    assert people.delete("/templist/l").status_code == 204
    assert people.error(people.delete("/templist/l")) == (404, "RESOURCE_NOT_FOUND")
