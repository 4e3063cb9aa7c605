"""The control interface changes the CRM from outside."""

from flask.testing import FlaskClient

from demo.crm.crm import Crm


def events(client: FlaskClient) -> list[str]:
    """The types of the events so far, oldest first."""
    log = client.get("/_demo/events").get_json()["events"]
    return [event["type"] for event in reversed(log)]


def test_a_contact_comes_changes_and_goes(client: FlaskClient) -> None:
    body = {"fields": {"last_name": "Test", "email": "test@example.nl"}, "id": "C-1"}
    assert client.post("/_demo/contacts", json=body).status_code == 201
    changed = client.patch("/_demo/contacts/C-1", json={"fields": {"note": "x"}, "active": False})
    assert changed.get_json()["active"] is False
    assert client.get("/_demo/contacts/C-1").get_json() == changed.get_json()
    assert client.get("/_demo/contacts?q=test@").get_json()["total"] == 1
    assert client.delete("/_demo/contacts/C-1").status_code == 204
    assert client.delete("/_demo/contacts/C-1").status_code == 404
    assert events(client) == ["contact.changed", "contact.changed", "contact.deleted"]


def test_a_contact_is_locked_from_outside(client: FlaskClient, data: Crm) -> None:
    def locked() -> bool:
        found = data.contacts.find("C-1")
        return found is not None and found.locked

    client.post("/_demo/contacts", json={"id": "C-1"})
    assert client.put("/_demo/contacts/C-1/lock").status_code == 204
    assert locked()
    assert client.delete("/_demo/contacts/C-1/lock").status_code == 204
    assert not locked()
    client.put("/_demo/contacts/C-1/lock")
    client.delete("/_demo/contacts/C-1")
    client.post("/_demo/contacts", json={"id": "C-1"})
    assert not locked()
    assert client.put("/_demo/contacts/gone/lock").status_code == 404


def test_silent_changes_send_nothing(client: FlaskClient) -> None:
    client.post("/_demo/contacts", json={"id": "C-1", "silent": True})
    client.patch("/_demo/contacts/C-1", json={"fields": {"note": "x"}, "silent": True})
    client.delete("/_demo/contacts/C-1?silent=1")
    assert events(client) == []


def test_faulty_input_is_told(client: FlaskClient) -> None:
    wrong = client.post("/_demo/contacts", json={"fields": {"shoe_size": 44}})
    assert (wrong.status_code, wrong.get_json()["error"]) == (400, "invalid_value")
    assert client.patch("/_demo/contacts/gone", json={}).status_code == 404
    assert client.post("/_demo/merge", json={}).status_code == 404
    assert client.put("/_demo/settings", json={"colour": "red"}).status_code == 400


def test_a_merge_and_a_relation(client: FlaskClient, data: Crm) -> None:
    kept, merged = data.contacts.ids("")[:2]
    client.post("/_demo/merge", json={"kept_id": kept, "merged_id": merged})
    relation = client.get("/_demo/relations?limit=1").get_json()["relations"][0]
    body = {"fields": {"timesheets": True}, "primary_contact_id": data.contacts.ids("")[1]}
    changed = client.patch(f"/_demo/relations/{relation['id']}", json=body).get_json()
    assert changed["primary_contact_id"] == data.contacts.ids("")[1]
    assert events(client) == [
        "contact.merged",
        "relation.changed",
        "contact.changed",
        "contact.changed",
    ]


def test_a_selection_of_everything_found(client: FlaskClient, data: Crm) -> None:
    made = client.post("/_demo/selections", json={"q": ""}).get_json()
    assert made["total"] == data.contacts.count()
    few = client.post("/_demo/selections", json={"ids": ["a", "b"]}).get_json()
    assert few["total"] == 2


def test_a_sale_moves(client: FlaskClient) -> None:
    sale = client.get("/_demo/sales").get_json()["sales"][0]
    answer = client.post(f"/_demo/sales/{sale['id']}/phase", json={"phase": "Gewonnen"})
    assert answer.get_json() == {"triggered": 0}
    wrong = client.post(f"/_demo/sales/{sale['id']}/phase", json={"phase": "Nergens"})
    assert wrong.status_code == 400


def test_any_event_may_be_sent_and_sent_again(client: FlaskClient) -> None:
    body = {"type": "contact.changed", "data": {"contact_id": "x", "version": 1}}
    event = client.post("/_demo/events", json=body).get_json()["id"]
    assert client.post(f"/_demo/events/{event}/again").status_code == 200
    assert client.post("/_demo/events/none/again").status_code == 404
    assert client.get("/_demo/events").get_json()["waiting"] == 1


def test_settings_change_while_it_runs(client: FlaskClient, data: Crm) -> None:
    answer = client.put("/_demo/settings", json={"api_token": "new", "plugin_url": "http://p"})
    assert "api_token" not in answer.get_json()
    assert data.settings.api_token == "new"
    headers = {"Authorization": "Bearer new"}
    assert client.get("/api/fields", headers=headers).status_code == 200


def test_a_reset_brings_the_seed_back(client: FlaskClient, data: Crm) -> None:
    client.post("/_demo/contacts", json={"id": "C-1"})
    client.post("/_demo/faults", json={"kind": "500"})
    assert client.post("/_demo/reset", json={"contacts": 12}).get_json()["contacts"] == 12
    assert client.get("/_demo/faults").get_json() == {"faults": []}
    assert data.contacts.find("C-1") is None
