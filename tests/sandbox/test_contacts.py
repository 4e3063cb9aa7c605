"""Single contacts: spotler-api.md §2.1, §4, §7."""

from typing import Any

import pytest

from tests.sandbox.clients import Api, Control


def bits(contact: dict[str, Any], name: str = "permissions") -> set[int]:
    """The bits that are on."""
    return {each["bit"] for each in contact["properties"][name] if each["enabled"]}


def on(*numbers: int) -> list[dict[str, Any]]:
    """Bits to switch on."""
    return [{"bit": number, "enabled": True} for number in numbers]


def test_insert_answers_204_and_shows_at_once(api: Api) -> None:
    answer = api.save("a1", email="a1@example.nl", firstName="An", permissions=on(2))
    assert (answer.status_code, answer.content) == (204, b"")
    contact = api.get("/contact/a1").json()
    assert contact["externalId"] == "a1" and len(contact["encryptedId"]) == 50
    assert bits(contact) == {2} and len(contact["properties"]["permissions"]) == 8
    assert "lastName" not in contact["properties"]
    assert contact["channels"] == [
        {"name": "EMAIL", "value": True},
        {"name": "SMS", "value": False},
    ]
    assert contact["created"].endswith(("+01:00", "+02:00"))
    assert contact["temporary"] is False and contact["testGroup"] is False


def test_dates_are_numbers_on_the_pinned_base(api: Api, legacy: Api) -> None:
    api.save("a1", email="a1@example.nl")
    contact = legacy.get("/contact/a1").json()
    assert contact["created"] > 10**12 and contact["lastChanged"] >= contact["created"]


def test_trailing_slash_and_numeric_id(api: Api) -> None:
    body = {"contact": {"externalId": 17, "testGroup": True, "properties": {"email": "n@b.nl"}}}
    assert api.post("/contact/", body).status_code == 204
    assert api.get("/contact/17").json()["testGroup"] is True


def test_merge_keeps_and_purge_clears(api: Api) -> None:
    api.save("a1", email="a1@example.nl", firstName="An", permissions=on(1, 2))
    api.save("a1", lastName="Nas", permissions=[{"bit": 1, "enabled": False}])
    merged = api.get("/contact/a1").json()
    assert bits(merged) == {2} and merged["properties"]["firstName"] == "An"
    contact = {
        "externalId": "a1",
        "properties": {"email": "a1@example.nl", "permissions": on(4)},
    }
    body = {"update": True, "purge": True, "contact": contact}
    assert api.post("/contact", body).status_code == 204
    purged = api.get("/contact/a1").json()
    assert bits(purged) == {4}
    assert set(purged["properties"]) == {"email", "permissions", "profileFields"}


def test_existing_contact_needs_update(api: Api) -> None:
    api.save("a1", email="a1@example.nl")
    again = {"contact": {"externalId": "a1", "properties": {"email": "a1@example.nl"}}}
    assert api.error(api.post("/contact", again)) == (400, "CONTACT_ALREADY_EXISTS")


@pytest.mark.parametrize(
    "body",
    [
        {"contact": {"properties": {"email": "x@example.nl"}}},
        {"contact": {"externalId": "", "properties": {"email": "x@example.nl"}}},
        {"contact": None},
        {},
        [],
        {"update": "yes", "contact": {"externalId": "x", "properties": {"email": "x@b.nl"}}},
    ],
)
def test_bad_bodies(api: Api, body: Any) -> None:
    assert api.error(api.post("/contact", body)) == (400, "INVALID_PARAMS")


def test_neither_address_nor_mobile(api: Api) -> None:
    assert api.error(api.save("a1", firstName="An")) == (400, "INVALID_STATE")


def test_put_updates_and_never_inserts(api: Api) -> None:
    body = {"contact": {"externalId": "a1", "properties": {"firstName": "An"}}}
    assert api.error(api.put("/contact/a1", body)) == (404, "CONTACT_NOT_FOUND")
    api.save("a1", email="a1@example.nl")
    assert api.put("/contact/a1", body).status_code == 204
    assert api.get("/contact/a1").json()["properties"]["firstName"] == "An"
    wrongs: list[Any] = [body["contact"] | {"externalId": "other"}, {"properties": {}}, None]
    for wrong in wrongs:
        answer = api.put("/contact/a1", {"contact": wrong})
        assert api.error(answer) == (400, "INVALID_PARAMS")


def test_dedup_moves_the_external_id(api: Api) -> None:
    assert api.save("crm-1", email="ANDERMANS@example.nl", permissions=on(8)).status_code == 204
    moved = api.get("/contact/crm-1").json()
    assert moved["properties"]["firstName"] == "An" and bits(moved) == {8}
    assert api.error(api.get("/contact/ander-systeem-1")) == (404, "CONTACT_NOT_FOUND")


def test_dedup_finds_a_contact_without_external_id(api: Api) -> None:
    assert api.save("crm-1", email="bestaand@example.nl", permissions=on(2)).status_code == 204
    assert bits(api.get("/contact/crm-1").json()) == {1, 2}


def test_without_dedup_there_are_two(api: Api, control: Control) -> None:
    control.set(dedup_by_email=False)
    assert api.save("crm-1", email="bestaand@example.nl").status_code == 204
    found = api.get("/contact/search", pageSize=10, MPSearchQuery="email=bestaand@example.nl")
    assert [each.get("externalId") for each in found.json()["contacts"]] == [None, "crm-1"]


def test_opted_out_contact_is_not_written(api: Api, control: Control) -> None:
    answer = api.save("crm-1", email="afgemeld@example.nl", permissions=on(1))
    assert api.error(answer) == (400, "CONTACT_OPTOUT")
    assert api.get("/contact/crm-1").status_code == 404
    control.set(accept_opted_out=True)
    assert api.save("crm-1", email="afgemeld@example.nl", permissions=on(1)).status_code == 204
    assert api.get("/contact/crm-1").json()["channels"][0]["value"] is False


def test_bounced_contact_is_written_and_stays_inactive(api: Api, control: Control) -> None:
    assert api.save("crm-1", email="gebounced@example.nl").status_code == 204
    assert api.get("/contact/crm-1").json()["channels"][0]["value"] is False
    control.set(refuse_inactive=True)
    assert api.error(api.save("crm-1", firstName="X")) == (400, "INVALID_STATE")


def test_inactivate(api: Api) -> None:
    api.save("a1", email="a1@example.nl", mobileNumber="0612345678")
    assert api.put("/contact/inactivate/a1").status_code == 204
    contact = api.get("/contact/a1").json()
    assert [channel["value"] for channel in contact["channels"]] == [False, False]
    assert api.error(api.put("/contact/inactivate/x")) == (404, "CONTACT_NOT_FOUND")


def test_anonymize(api: Api, control: Control) -> None:
    api.save("a1", email="a1@example.nl", firstName="An", permissions=on(1))
    assert api.put("/contact/anonymize/a1", {}).status_code == 204
    contact = api.get("/contact/a1").json()
    assert bits(contact) == set() and "email" not in contact["properties"]
    control.set(anonymize_forgets=True)
    assert api.put("/contact/anonymize/a1").status_code == 204
    assert api.put("/contact/anonymize/a1").status_code == 404


def test_subscribe(api: Api, control: Control) -> None:
    new = {"properties": {"email": "nieuw@example.nl", "permissions": on(1)}}
    assert api.post("/subscription/subscribe", new).status_code == 204
    bad = {"properties": {"email": "nieuw"}}
    assert api.error(api.post("/subscription/subscribe", bad)) == (400, "INVALID_PROPERTY")
    gone = {"properties": {"email": "afgemeld@example.nl"}}
    control.set(subscribe_reactivates=False)
    assert api.error(api.post("/subscription/subscribe", gone)) == (400, "CONTACT_OPTOUT")
    control.set(subscribe_reactivates=True)
    assert api.post("/subscription/subscribe", gone).status_code == 204
    assert control("GET", "/contacts/afgemeld@example.nl")["standing"] == "active"


def test_external_id_with_odd_characters(api: Api, control: Control) -> None:
    assert api.save("a b/c@d.nl", email="odd@example.nl").status_code == 204
    assert api.get("/contact/a%20b%2Fc%40d.nl").json()["externalId"] == "a b/c@d.nl"
    body = {"contact": {"externalId": "a b/c@d.nl"}}
    assert api.put("/contact/a%20b%2Fc%40d.nl", body).status_code == 204
    written = [call["contacts"] for call in control("GET", "/calls")["calls"]]
    assert written == [["a b/c@d.nl"], [], ["a b/c@d.nl"]]


def test_unknown_path_and_wrong_verb(api: Api, control: Control) -> None:
    unknown = api.get("/nothing/here")
    assert unknown.status_code == 404 and "<h1>Not Found</h1>" in unknown.text
    wrong = api.delete("/contact/a1")
    assert wrong.status_code == 405
    assert set(wrong.headers["Allow"].split(", ")) == {"GET", "HEAD", "PUT"}
    control.set(json_for_unknown_path=True)
    assert api.error(api.get("/nothing/here")) == (404, "RESOURCE_NOT_FOUND")
