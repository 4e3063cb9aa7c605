"""The CRM's screens."""

import pytest
import requests
from flask.testing import FlaskClient

from demo.crm.contact import Contact
from demo.crm.crm import Crm
from demo.crm.server import DemoCrm
from tests.crm_demo.fake_plugin import API_TOKEN, FakePlugin

BEARER = {"Authorization": f"Bearer {API_TOKEN}"}
PAGES = (
    "/",
    "/contacts",
    "/contacts/new",
    "/relations",
    "/sales",
    "/preferences",
    "/preferences/spotler",
    "/preferences/automatic-actions",
    "/preferences/automatic-actions/new",
    "/preferences/automatic-actions/7",
    "/preferences/sales-scheme",
    "/preferences/events",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_under_a_strict_policy(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-src http://127.0.0.1:9;" in policy
    assert "form-action 'self' http://127.0.0.1:9;" in policy
    assert "<script>" not in answer.text
    assert " style=" not in answer.text
    assert answer.text.count("<h1") == 1


def test_search_finds_through_accents(client: FlaskClient) -> None:
    page = client.get("/contacts?q=zoe+van+der+osterbaan").text
    assert "Zoë van der Österbaan" in page
    assert "1 contactpersoon voor" in page
    assert "Niemand gevonden" in client.get("/contacts?q=100%25").text


def test_values_are_shown_as_text(client: FlaskClient, data: Crm, zoe: Contact) -> None:
    data.contacts.change(zoe.id, {"last_name": "<script>alert(1)</script>"})
    for path in ("/contacts", f"/contacts/{zoe.id}"):
        assert "<script>alert" not in client.get(path).text


def test_a_contact_is_changed_in_its_form(client: FlaskClient, data: Crm, zoe: Contact) -> None:
    form = {
        "shown": "note keywords appointments birth_date email",
        "note": " Belt terug ",
        "keywords": "klant, zorg,,klant",
        "appointments": "3",
        "birth_date": "1980-02-01",
        "email": "",
        "active": "1",
    }
    answer = client.post(f"/contacts/{zoe.id}", data=form, follow_redirects=True)
    assert "Opgeslagen." in answer.text
    now = data.contacts.find(zoe.id)
    assert now is not None
    assert now.fields["note"] == "Belt terug"
    assert now.fields["keywords"] == ["klant", "zorg"]
    assert (now.fields["appointments"], now.fields["email"]) == (3, None)
    assert now.fields["first_name"] == "Zoë"


def test_a_wrong_value_is_told(client: FlaskClient, data: Crm, zoe: Contact) -> None:
    form = {"shown": "language", "language": "xx"}
    answer = client.post(f"/contacts/{zoe.id}", data=form, follow_redirects=True)
    assert "Voorkeurstaal: Deze keuze bestaat niet." in answer.text
    assert data.contacts.find(zoe.id) == zoe


def test_a_new_contact_and_its_end(client: FlaskClient, data: Crm) -> None:
    form = {"shown": "first_name last_name", "first_name": "Nora", "last_name": "Nieuw"}
    added = client.post("/contacts/new", data=form)
    assert "Nora Nieuw" in client.get(added.location).text
    answer = client.post(f"{added.location}/delete", follow_redirects=True)
    assert "Nora Nieuw is verwijderd." in answer.text
    assert data.contacts.count("nora nieuw") == 0


def test_a_locked_contact_is_changed_by_nobody(
    client: FlaskClient, data: Crm, zoe: Contact
) -> None:
    place = f"/contacts/{zoe.id}"
    assert "is vergrendeld." in client.post(f"{place}/lock", follow_redirects=True).text
    page = client.get(place).text
    assert "Vergrendeld" in page
    assert "Opslaan" not in page
    assert "Vergrendeld" in client.get("/contacts?q=zoe").text
    other = data.contacts.ids("")[1]
    for path, form in (
        (place, {"shown": "note", "note": "x"}),
        (f"{place}/delete", {}),
        (f"{place}/merge", {"merged_id": other}),
        (f"/contacts/{other}/merge", {"merged_id": zoe.id}),
    ):
        assert client.post(path, data=form).status_code == 409
    client.post(f"{place}/unlock")
    assert data.contacts.find(zoe.id) == zoe
    assert "Opslaan" in client.get(place).text


def test_a_relation_in_both_tabs(client: FlaskClient, data: Crm, zoe: Contact) -> None:
    place = f"/relations/{zoe.relation_id}"
    assert "Documenten module" in client.get(place).text
    assert "Urenregistratie module" in client.get(f"{place}/settings").text
    client.post(f"{place}/settings", data={"shown": "timesheets", "timesheets": "1"})
    client.post(f"{place}/overview", data={"shown": "documents"})
    relation = data.relations.find(zoe.relation_id or "")
    assert relation is not None
    assert (relation.fields["timesheets"], relation.fields["documents"]) == (True, False)
    assert client.get(f"{place}/elsewhere").status_code == 404


def test_a_reader_changes_nothing(client: FlaskClient, data: Crm, zoe: Contact) -> None:
    client.post("/desk", data={"user": "u-bakker"})
    assert client.post(f"/contacts/{zoe.id}", data={"shown": ""}).status_code == 403
    assert client.post(f"/contacts/{zoe.id}/lock").status_code == 403
    assert client.get("/preferences").status_code == 403
    assert "Opslaan" not in client.get(f"/contacts/{zoe.id}").text


def test_the_desk_goes_back_inside_only(client: FlaskClient) -> None:
    assert client.post("/desk", data={"lang": "en", "back": "/sales"}).location == "/sales"
    assert client.post("/desk", data={"back": "//evil.example"}).location == "/"
    assert 'data-lang="en"' in client.get("/").text


def test_a_missing_page_for_people_and_for_programs(client: FlaskClient) -> None:
    assert "<h1>Niet gevonden</h1>" in client.get("/contacts/gone").text
    assert client.get("/api/nothing").json is not None


def test_the_list_shows_how_each_stands_in_spotler(running: DemoCrm, plugin: FakePlugin) -> None:
    client = running.app.test_client()
    [zoe] = running.data.contacts.page("zoe van der", "", 1, 0)
    assert "Spotler</th>" not in client.get("/contacts?q=zoe").text
    plugin.statuses = {zoe.id: "synced"}
    page = client.get("/contacts?q=zoe").text
    assert "Spotler</th>" in page and '<span class="tag">Gesynchroniseerd</span>' in page
    plugin.statuses = {}
    assert '<span class="tag">Niet gesynchroniseerd</span>' in client.get("/contacts?q=zoe").text


def test_actions_of_the_plugin_are_attached_to_a_phase(
    running: DemoCrm, plugin: FakePlugin
) -> None:
    client = running.app.test_client()
    assert "kan nu niet worden opgehaald" in client.get("/preferences/automatic-actions").text
    action = {"id": "7", "name": "Welkom", "description": "Nieuwe klant", "type": "contact"}
    plugin.actions = [action]
    assert "Nieuwe klant" in client.get("/preferences/automatic-actions").text
    client.post("/preferences/sales-scheme", data={"phase": "Gewonnen", "action_id": "7"})
    assert "Gewonnen: Welkom" in client.get("/sales").text
    client.post("/preferences/sales-scheme/detach", data={"phase": "Gewonnen", "action_id": "7"})
    assert running.data.sales.actions() == []


def test_people_are_told_that_the_plugin_starts(running: DemoCrm, plugin: FakePlugin) -> None:
    running.settings.awaits_plugin = True
    page = f"{running.origin}/preferences/spotler"
    answer = requests.get(page, timeout=10)
    assert (answer.status_code, answer.headers["Refresh"]) == (503, "1")
    assert "De demo start nog" in answer.text
    api = f"{running.api_url}/fields"
    assert requests.get(api, headers=BEARER, timeout=10).status_code == 200
    plugin.actions = []
    assert requests.get(page, timeout=10).status_code == 200
    # From then on nobody waits, wherever the plugin is.
    plugin.actions = None
    assert requests.get(page, timeout=10).status_code == 200
