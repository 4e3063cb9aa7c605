"""Every change is told to the plugin, signed, and tried again when the plugin is away."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from flask.testing import FlaskClient

from demo.crm.contact import Contact
from demo.crm.crm import Crm
from demo.crm.sales import PhaseAction
from demo.crm.server import DemoCrm
from tests.crm_demo.conftest import eventually, settings
from tests.crm_demo.fake_plugin import FakePlugin


def told(data: Crm) -> list[tuple[str, dict[str, object]]]:
    """The events in the outbox, oldest first."""
    return [(row["type"], json.loads(row["body"])["data"]) for row in reversed(data.outbox.log())]


def test_a_changed_contact(data: Crm, zoe: Contact) -> None:
    changed = data.contacts.change(zoe.id, {"note": "Nieuw"})
    data.contacts.change(zoe.id, {"note": "Nieuw"})
    assert told(data) == [
        ("contact.changed", {"contact_id": zoe.id, "version": changed.version}),
    ]


@pytest.mark.parametrize(
    ("order", "due_after", "whose"),
    [("at once", 0, [0, 1]), ("late", 31, [0, 1]), ("mixed", 11, [1, 0])],
)
def test_they_can_come_late_and_out_of_order(
    client: FlaskClient, data: Crm, zoe: Contact, order: str, due_after: int, whose: list[int]
) -> None:
    began = datetime(2026, 3, 1, 12, 0, 1, tzinfo=UTC)
    people = [zoe.id, data.contacts.add({"email": "noor@example.nl"}, silent=True).id]
    answer = client.post("/preferences/events/order", data={"order": order}, follow_redirects=True)
    assert "voortaan zo gestuurd" in answer.text
    with time_machine.travel(began, tick=False) as clock:
        for id_ in people:
            data.contacts.change(id_, {"note": "Nieuw"})
        assert bool(data.outbox.due()) is (due_after == 0)
        clock.shift(timedelta(seconds=due_after))
        found = [json.loads(row["body"])["data"]["contact_id"] for row in data.outbox.due()]
    assert found == [people[n] for n in whose]


def test_there_is_no_other_order(client: FlaskClient) -> None:
    assert client.post("/preferences/events/order", data={"order": "x"}).status_code == 400


def test_a_deleted_contact(data: Crm, zoe: Contact) -> None:
    data.contacts.delete(zoe.id)
    kind, body = told(data)[0]
    assert (kind, body["contact_id"]) == ("contact.deleted", zoe.id)
    relation = data.relations.find(zoe.relation_id or "")
    assert relation is not None
    assert relation.primary_contact_id is None


def test_an_erased_contact(client: FlaskClient, data: Crm, zoe: Contact) -> None:
    assert client.post(f"/contacts/{zoe.id}/erase").status_code == 302
    assert told(data)[0] == ("contact.erased", {"contact_id": zoe.id})
    assert data.contacts.find(zoe.id) is None


def test_merged_contacts(data: Crm, zoe: Contact) -> None:
    other = data.contacts.add({"last_name": "Dubbel", "mobile": "06-1"}, silent=True)
    data.contacts.merge(zoe.id, other.id)
    assert told(data) == [("contact.merged", {"kept_id": zoe.id, "merged_id": other.id})]
    kept = data.contacts.find(zoe.id)
    assert kept is not None
    assert (kept.fields["last_name"], kept.fields["mobile"]) == ("Österbaan", "06-1")
    assert data.contacts.find(other.id) is None


def test_a_changed_relation_names_its_fields(data: Crm, zoe: Contact) -> None:
    data.relations.change(zoe.relation_id or "", {"timesheets": True, "city": "Spijkenisse"})
    assert told(data) == [
        ("relation.changed", {"relation_id": zoe.relation_id, "changed_fields": ["timesheets"]}),
    ]


def test_another_primary_contact_changes_two_people(data: Crm, zoe: Contact) -> None:
    second = data.contacts.of_relation(zoe.relation_id or "")[1]
    data.relations.choose_primary(zoe.relation_id or "", second.id)
    assert [body["contact_id"] for _, body in told(data)] == [zoe.id, second.id]
    now = data.contacts.find(second.id)
    assert now is not None
    assert now.fields["is_primary"] is True


def test_a_sale_that_moves_sets_off_the_actions_of_its_phase(data: Crm) -> None:
    data.sales.attach(PhaseAction("Gewonnen", "7", "Welkom"))
    sale = data.sales.newest()[0]
    assert data.sales.move(sale.id, "Gewonnen") == 1
    assert data.sales.move(sale.id, "Gewonnen") == 0
    [(kind, body)] = told(data)
    transition = body["transition"]
    assert isinstance(transition, dict)
    assert kind == "automatic_action.triggered"
    assert (body["action_id"], body["contact_id"]) == ("7", sale.contact_id)
    assert (transition["from_phase"], transition["to_phase"]) == (sale.phase, "Gewonnen")
    assert set(transition) == {"id", "sale_id", "from_phase", "to_phase", "at"}


def test_events_arrive_signed(running: DemoCrm, plugin: FakePlugin) -> None:
    first = running.data.contacts.ids("")[0]
    running.data.contacts.change(first, {"note": "Hallo"})
    eventually(lambda: len(plugin.events) == 1)
    event = plugin.events[0]
    assert event["environment"] == "acme"
    assert (event["type"], event["data"]["contact_id"]) == ("contact.changed", first)


def test_an_event_is_tried_again_under_the_same_id(running: DemoCrm, plugin: FakePlugin) -> None:
    plugin.answers = [503, 202]
    running.data.contacts.change(running.data.contacts.ids("")[0], {"note": "Hallo"})
    eventually(lambda: len(plugin.events) == 1)
    assert len(plugin.attempts) == 2
    assert len(set(plugin.attempts)) == 1
    eventually(lambda: running.data.outbox.log()[0]["state"] == "delivered")


def test_an_unknown_environment_is_not_asked_again(running: DemoCrm, plugin: FakePlugin) -> None:
    plugin.answers = [404]
    running.data.contacts.change(running.data.contacts.ids("")[0], {"note": "Hallo"})
    eventually(lambda: running.data.outbox.log()[0]["state"] == "refused")
    assert running.data.outbox.log()[0]["outcome"] == "HTTP 404"
    running.data.outbox.again(running.data.outbox.log()[0]["id"])
    eventually(lambda: len(plugin.events) == 1)


def test_data_and_waiting_events_survive_a_restart(tmp_path: Path, plugin: FakePlugin) -> None:
    first = settings()
    first.state = tmp_path
    with DemoCrm(first) as crm:
        contact = crm.data.contacts.ids("")[0]
        crm.data.contacts.change(contact, {"note": "Bewaard"})
    second = settings(plugin.origin)
    second.state = tmp_path
    with DemoCrm(second) as crm:
        kept = crm.data.contacts.find(contact)
        assert kept is not None
        assert kept.fields["note"] == "Bewaard"
        eventually(lambda: len(plugin.events) == 1)
