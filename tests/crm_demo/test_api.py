"""The CRM's API says what the contract promises."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from demo.crm.contact import Contact
from demo.crm.crm import Crm

Headers = dict[str, str]


def patch(client: FlaskClient, headers: Headers, key: str, **body: object) -> Any:
    """A bulk mutation under an idempotency key."""
    return client.patch("/api/contacts", json=body, headers=headers | {"Idempotency-Key": key})


@pytest.mark.parametrize("token", [None, "Bearer wrong", "Basic abc", "Bearer "])
def test_a_wrong_token_is_401(client: FlaskClient, token: str | None) -> None:
    headers = {"Authorization": token} if token else {}
    answer = client.get("/api/fields", headers=headers)
    assert answer.status_code == 401
    assert answer.json == {"error": "unauthorized", "detail": "Onbekend token."}


def test_fields_describe_contacts_and_relations(client: FlaskClient, bearer: Headers) -> None:
    fields = client.get("/api/fields", headers=bearer).get_json()["fields"]
    by_label = {(field["entity"], field["label"]): field for field in fields}
    assert by_label["contact", "E-mail"]["type"] == "email"
    assert by_label["contact", "Voorkeurstaal"]["choices"][0] == {
        "value": "nl",
        "label": "Nederlands",
    }
    bulk = [field["label"] for field in fields if field["bulk_editable"]]
    assert bulk == ["Functie", "Afdeling", "Voorkeurstaal", "Trefwoorden", "Notitie"]
    types = [by_label["contact", label]["type"] for label in bulk]
    assert types == ["text", "text", "choice", "keywords", "text"]
    assert by_label["relation", "Urenregistratie module"]["type"] == "boolean"
    assert set(fields[0]) == {"name", "label", "type", "entity", "bulk_editable", "choices"}


def test_contacts_by_id_name_the_missing_ones(
    client: FlaskClient, bearer: Headers, zoe: Contact
) -> None:
    answer = client.get(f"/api/contacts?ids=nobody,{zoe.id},{zoe.id}", headers=bearer).get_json()
    assert answer["missing"] == ["nobody"]
    assert [contact["id"] for contact in answer["contacts"]] == [zoe.id]
    contact = answer["contacts"][0]
    assert set(contact) == {"id", "relation_id", "primary", "active", "version", "fields"}
    assert contact["primary"] is True
    assert contact["fields"]["email"] == "zoe@example.nl"


def test_a_hundred_ids_and_not_one_more(client: FlaskClient, bearer: Headers) -> None:
    ids = [f"id-{number}" for number in range(101)]
    assert client.get(f"/api/contacts?ids={','.join(ids[:100])}", headers=bearer).status_code == 200
    assert client.get(f"/api/contacts?ids={','.join(ids)}", headers=bearer).status_code == 400
    answer = patch(client, bearer, "k", ids=ids, changes={"note": "x"})
    assert answer.status_code == 400


def test_pages_follow_each_other_without_gaps(
    client: FlaskClient, bearer: Headers, data: Crm
) -> None:
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        url = f"/api/contacts?limit=7&after={cursor}"
        page = client.get(url, headers=bearer).get_json()
        seen += [contact["id"] for contact in page["contacts"]]
        cursor = page["next"]
    assert seen == data.contacts.ids("")


def test_only_what_changed_since(client: FlaskClient, bearer: Headers, data: Crm) -> None:
    data.contacts.change(data.contacts.ids("")[3], {"note": "Nieuw"})
    url = "/api/contacts?changed_since=2026-06-01T00:00:00+02:00"
    page = client.get(url, headers=bearer).get_json()
    assert [contact["fields"]["note"] for contact in page["contacts"]] == ["Nieuw"]
    assert page["next"] is None


@pytest.mark.parametrize("query", ["changed_since=yesterday", "limit=0", "limit=x", "after=12"])
def test_nonsense_is_400(client: FlaskClient, bearer: Headers, query: str) -> None:
    answer = client.get(f"/api/contacts?{query}", headers=bearer)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"] == "bad_request"


def test_a_bulk_mutation_adds_keywords(
    client: FlaskClient, bearer: Headers, data: Crm, zoe: Contact
) -> None:
    data.contacts.change(zoe.id, {"keywords": ["klant"]})
    changes = {"keywords": ["klant", "zorg"], "department": "ICT"}
    answer = patch(client, bearer, "k1", ids=[zoe.id, "gone"], changes=changes)
    assert answer.json["updated"] == [zoe.id]
    assert answer.json["failed"] == [{"id": "gone", "reason": "not_found"}]
    now = data.contacts.find(zoe.id)
    assert now is not None
    assert now.fields["keywords"] == ["klant", "zorg"]
    assert now.fields["department"] == "ICT"
    assert now.version > zoe.version


def test_keywords_are_replaced_when_asked(
    client: FlaskClient, bearer: Headers, data: Crm, zoe: Contact
) -> None:
    data.contacts.change(zoe.id, {"keywords": ["klant"]})
    body = {"ids": [zoe.id], "changes": {"keywords": ["zorg"]}, "replace_keywords": True}
    patch(client, bearer, "k2", **body)
    now = data.contacts.find(zoe.id)
    assert now is not None
    assert now.fields["keywords"] == ["zorg"]


def test_the_same_key_gets_the_same_answer(
    client: FlaskClient, bearer: Headers, data: Crm, zoe: Contact
) -> None:
    first = patch(client, bearer, "k3", ids=[zoe.id], changes={"note": "een"})
    data.contacts.change(zoe.id, {"note": "twee"})
    again = patch(client, bearer, "k3", ids=[zoe.id], changes={"note": "een"})
    other = patch(client, bearer, "k3", ids=[zoe.id], changes={"note": "drie"})
    assert again.json == first.json
    assert other.status_code == 422
    now = data.contacts.find(zoe.id)
    assert now is not None
    assert now.fields["note"] == "twee"


def test_a_write_without_a_key_is_refused(
    client: FlaskClient, bearer: Headers, zoe: Contact
) -> None:
    body = {"ids": [zoe.id], "changes": {"note": "x"}}
    assert client.patch("/api/contacts", json=body, headers=bearer).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        {"ids": "x", "changes": {}},
        {"ids": [], "changes": []},
        {"ids": [], "changes": {"shoe_size": 44}},
        {"ids": [], "changes": {}, "replace_keywords": "yes"},
    ],
)
def test_a_bad_mutation_is_400(
    client: FlaskClient, bearer: Headers, body: dict[str, object]
) -> None:
    assert patch(client, bearer, "k4", **body).status_code == 400


@pytest.mark.parametrize(
    "changes", [{"language": "xx"}, {"birth_date": "gisteren"}, {"is_primary": True}, {"note": 3}]
)
def test_a_value_that_does_not_fit_fails_for_the_contact(
    client: FlaskClient, bearer: Headers, data: Crm, zoe: Contact, changes: dict[str, object]
) -> None:
    answer = patch(client, bearer, "k5", ids=[zoe.id], changes=changes)
    assert answer.status_code == 200
    assert answer.json["updated"] == []
    assert answer.json["failed"][0]["id"] == zoe.id
    assert data.contacts.find(zoe.id) == zoe


def test_one_refusal_does_not_stop_the_others(
    client: FlaskClient, bearer: Headers, data: Crm
) -> None:
    ids = data.contacts.ids("")
    locked = [each for each in ids if (found := data.contacts.find(each)) and found.locked]
    assert len(locked) == 1
    data.contacts.delete(ids[5])
    body = {"ids": ids, "changes": {"department": "Inkoop", "keywords": ["beurs"]}}
    answer = patch(client, bearer, "k6", **body).get_json()
    assert answer["failed"] == [
        {"id": ids[5], "reason": "not_found"},
        {"id": locked[0], "reason": "Deze contactpersoon is vergrendeld in het CRM."},
    ]
    assert answer["updated"] == [each for each in ids if each not in (ids[5], locked[0])]
    assert {contact.fields["department"] for contact in data.contacts.find_many(ids)} > {"Inkoop"}
    before = data.store.number("SELECT version FROM counter")
    assert patch(client, bearer, "k6", **body).get_json() == answer
    assert data.store.number("SELECT version FROM counter") == before


def test_a_refusal_names_the_field(client: FlaskClient, bearer: Headers, zoe: Contact) -> None:
    changes = {"department": "Inkoop", "language": "xx"}
    answer = patch(client, bearer, "k7", ids=[zoe.id], changes=changes).get_json()
    reason = "Voorkeurstaal: Deze keuze bestaat niet."
    assert answer == {"updated": [], "failed": [{"id": zoe.id, "reason": reason}]}


def test_a_selection_stays_as_it_was(client: FlaskClient, bearer: Headers, data: Crm) -> None:
    ids = data.contacts.ids("")
    selection = data.selections.add(ids, "u-jansen")
    data.contacts.add({"last_name": "Later"})
    data.contacts.delete(ids[2])
    url = f"/api/selections/{selection.id}"
    answer = client.get(url, headers=bearer).get_json()
    assert answer == {"total": len(ids), "ids": ids, "next": None}
    known = client.get(f"/api/contacts?ids={','.join(ids)}", headers=bearer).get_json()
    assert known["missing"] == [ids[2]]


def test_a_selection_is_read_in_pages(client: FlaskClient, bearer: Headers, data: Crm) -> None:
    ids = data.contacts.ids("")[:5]
    selection = data.selections.add([*ids, ids[0]], "u-jansen")
    first = client.get(f"/api/selections/{selection.id}?limit=3", headers=bearer).get_json()
    rest = client.get(
        f"/api/selections/{selection.id}?limit=3&after={first['next']}", headers=bearer
    ).get_json()
    assert (first["total"], rest["total"]) == (5, 5)
    assert first["ids"] + rest["ids"] == ids
    assert rest["next"] is None
    assert client.get("/api/selections/none", headers=bearer).status_code == 404


def test_a_relation(client: FlaskClient, bearer: Headers, zoe: Contact) -> None:
    relation = client.get(f"/api/relations/{zoe.relation_id}", headers=bearer).get_json()
    assert set(relation) == {"id", "name", "primary_contact_id", "fields"}
    assert relation["primary_contact_id"] == zoe.id
    assert relation["fields"]["documents"] is True
    assert client.get("/api/relations/none", headers=bearer).status_code == 404


def test_an_opt_out_is_kept_once(
    client: FlaskClient, bearer: Headers, data: Crm, zoe: Contact
) -> None:
    body = {"permission": "Nieuwsbrief", "at": "2026-05-12T10:00:00Z", "source": "spotler"}
    headers = bearer | {"Idempotency-Key": "o1"}
    for _ in range(2):
        url = f"/api/contacts/{zoe.id}/opt-outs"
        assert client.post(url, json=body, headers=headers).status_code == 201
    assert [each.permission for each in data.opt_outs.of_contact(zoe.id)] == ["Nieuwsbrief"]
    gone = client.post("/api/contacts/gone/opt-outs", json=body, headers=headers)
    assert gone.status_code == 404
