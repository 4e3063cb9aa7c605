"""The first day at the wire: where the widget opens, what each step says, what is saved."""

from __future__ import annotations

import json

import responses
from flask.testing import FlaskClient

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Feed, Link, MappingRow, Run
from tests.blueprints.conftest import CRM, SPOTLER
from tests.blueprints.test_connection import KEY, SECRET
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

URL = "/admin/first-day"
FIRST = [["contact", "first_name", "firstName"]]


def read_all(environment: Environment) -> None:
    """The account was read and compared; one of the CRM was there already."""
    feed = db.session.scalars(db.select(Feed)).one_or_none() or Feed(environment_id=environment.id)
    feed.full_finished_at = feed.known_at = feed.sought_at = environment.created_at
    link = Link(environment_id=environment.id, contact_id="c", linked_at=environment.created_at)
    db.session.add_all([feed, link])
    db.session.commit()


def connect(admin: Widget) -> str:
    return words(admin.ask("POST", URL, key=KEY, secret=SECRET))


def test_it_opens_there_until_it_is_connected(
    client: FlaskClient, launch: Launch, admin: Widget, wire: responses.RequestsMock
) -> None:
    assert "Aan de slag met Spotler" in admin.page and "<nav" not in admin.page
    assert admin.page.count("<h1") == 1
    shown = connect(admin)
    assert "Verbonden met Spotler." in shown and "Permissies 1" in shown
    again = Widget.launch(client, launch("Alice", widget="admin", resource={"type": "none"}))
    assert "Overzicht" in again.page and "to-first_day" in again.page


def test_a_wrong_key_stays_at_the_first_step(admin: Widget, wire: responses.RequestsMock) -> None:
    wire.replace(responses.GET, f"{SPOTLER}/contact/properties/list", status=401)
    answer = admin.ask("POST", URL, key=KEY, secret=SECRET)
    assert answer.status_code == 422
    assert "Spotler herkent deze key en secret niet." in words(answer)
    assert "Aan de slag" in words(answer) and KEY not in answer.text


def test_without_a_connection_there_is_one_step(admin: Widget) -> None:
    for step in ("found", "mapping", "link", "done"):
        assert 'id="connection-form"' in admin.get(f"{URL}?step={step}").text


def test_a_crm_that_was_away_is_read_again_at_the_step(
    admin: Widget, wire: responses.RequestsMock
) -> None:
    wire.replace(responses.GET, f"{CRM}/fields", status=503)
    shown = connect(admin)
    assert "De velden van Yoobi zijn nog niet gelezen." in shown
    assert "Volgende: mapping" not in shown, "there is nothing to map"
    wire.replace(
        responses.GET, f"{CRM}/fields", json={"fields": [{"name": "first_name", "type": "text",
        "label": "Voornaam", "entity": "contact", "bulk_editable": False, "choices": []}]}
    )  # fmt: skip
    shown = words(admin.ask("POST", f"{URL}/read", step="mapping"))
    assert "Aan de slag" in shown and "Volgende: koppelen" in shown


def test_the_mapping_is_saved_without_a_run(
    admin: Widget, environment: Environment, wire: responses.RequestsMock
) -> None:
    connect(admin)
    shown = words(admin.get(f"{URL}?step=mapping"))
    assert "Volgende: koppelen" in shown and "Nu synchroniseren" not in shown
    fields = {"contact:first_name": ""}
    answer = admin.ask("POST", f"{URL}/mapping", seen=json.dumps(FIRST), **fields)
    assert "Koppel de contactpersonen die al in Spotler staan" in words(answer)
    assert db.session.scalars(db.select(MappingRow)).all() == []
    assert db.session.scalars(db.select(Run)).all() == []


def test_once_somebody_was_written_a_change_is_previewed(
    admin: Widget, environment: Environment, wire: responses.RequestsMock
) -> None:
    connect(admin)
    now = environment.created_at
    db.session.add(
        Link(environment_id=environment.id, contact_id="c", linked_at=now, synced_at=now)
    )
    fields = {"contact:first_name": ""}
    answer = admin.ask("POST", f"{URL}/mapping", seen=json.dumps(FIRST), **fields)
    assert answer.status_code == 409
    assert "Er zijn intussen contactpersonen bijgewerkt." in words(answer)
    assert len(db.session.scalars(db.select(MappingRow)).all()) == 1


def test_who_is_found_while_the_fourth_step_is_open_can_be_linked(
    admin: Widget, environment: Environment, wire: responses.RequestsMock
) -> None:
    connect(admin)
    assert "step=link" in admin.get(f"{URL}?step=link").text, "it says for which step it asks"
    assert 'id="plan"' not in admin.get(f"{URL}/found?step=link").text, "it is still looking"
    read_all(environment)
    found = admin.get(f"{URL}/found?step=link")
    assert "1 contactpersoon van Yoobi staat er al in." in words(found)
    assert found.text.count("hx-swap-oob") == 1 and 'id="plan"' in found.text
    assert 'id="plan"' not in admin.get(f"{URL}/found").text, "the second step has a way of its own"


def test_nobody_to_link_is_no_dead_end(admin: Widget, wire: responses.RequestsMock) -> None:
    connect(admin)
    shown = admin.get(f"{URL}?step=link")
    assert "Bekijk wat er gaat gebeuren" not in words(shown)
    assert admin.ask("POST", f"{URL}/link").status_code == 409
    assert "Koppel wie nog niet in Spotler staat" in words(admin.get(f"{URL}?step=done"))
