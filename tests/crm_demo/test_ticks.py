"""Ticks in the list of contacts stay on the server, whatever page is looked at."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from demo.crm.crm import Crm

SCRIPT = {"Accept": "application/json"}


@pytest.fixture
def ids(data: Crm) -> list[str]:
    """All contacts, in the order of the list."""
    return data.contacts.ids("")


def tick(client: FlaskClient, shown: list[str], ticked: list[str], query: str = "") -> Any:
    """What the page's script sends: the boxes of the page as they stand."""
    form = {"shown": " ".join(shown), "id": ticked, "q": query}
    return client.post("/ticks", data=form, headers=SCRIPT).get_json()


def ticked(page: str) -> int:
    """How many boxes of a page are ticked."""
    return page.count(" checked aria-label=")


def test_ticks_survive_paging_and_searching(client: FlaskClient, ids: list[str]) -> None:
    tick(client, ids[:25], ids[:2])
    assert tick(client, ids[25:], ids[30:33]) == {"ticked": 5, "found": 5}
    assert ticked(client.get("/contacts").text) == 2
    assert ticked(client.get("/contacts?page=2").text) == 3
    assert ticked(client.get("/contacts?q=zoe").text) == 1
    assert "<strong>5</strong> contactpersonen geselecteerd" in client.get("/contacts?q=wit").text


def test_only_what_the_page_showed_is_unticked(client: FlaskClient, ids: list[str]) -> None:
    tick(client, ids[:25], ids[:25])
    assert tick(client, ids[:3], [ids[1]]) == {"ticked": 23, "found": 23}
    assert tick(client, ids[:3], [ids[1]])["ticked"] == 23
    assert tick(client, [], [])["ticked"] == 23


def test_everything_that_was_found(client: FlaskClient, data: Crm, ids: list[str]) -> None:
    tick(client, ids[:25], [ids[0]])
    answer = client.post("/ticks/all", data={"q": "wit"}, headers=SCRIPT).get_json()
    found = data.contacts.count("wit")
    assert 1 < found < len(ids)
    assert answer == {"ticked": found + 1, "found": found}
    assert "gevonden contactpersonen selecteren" in client.get("/contacts?q=an").text
    everybody = client.post("/ticks/all", headers=SCRIPT).get_json()
    assert everybody == {"ticked": len(ids), "found": len(ids)}


def test_all_ticks_are_taken_away(client: FlaskClient) -> None:
    client.post("/ticks/all")
    assert client.post("/ticks/clear", headers=SCRIPT).get_json() == {"ticked": 0, "found": 0}
    assert "Nog niemand geselecteerd" in client.get("/contacts").text


def test_without_script_the_list_comes_back(client: FlaskClient) -> None:
    assert client.post("/ticks/all", data={"q": "wit"}).location == "/contacts?q=wit"
    assert client.post("/ticks/clear", data={"q": ""}).location == "/contacts"


def test_nobody_ticks_for_another(client: FlaskClient, data: Crm, ids: list[str]) -> None:
    tick(client, ids[:25], ids[:2])
    elsewhere = client.application.test_client()
    assert tick(elsewhere, ids[:25], ids[3:4])["ticked"] == 1
    client.post("/desk", data={"user": "u-jansen"})
    assert ticked(client.get("/contacts").text) == 0
    client.post("/desk", data={"user": "u-devries"})
    assert ticked(client.get("/contacts").text) == 2


def test_contacts_that_are_gone_are_not_ticked(
    client: FlaskClient, data: Crm, ids: list[str]
) -> None:
    assert tick(client, ["gone"], ["gone", ids[0], ids[1]])["ticked"] == 2
    data.contacts.delete(ids[0])
    data.contacts.add({"last_name": "Terug"}, contact_id=ids[0])
    assert tick(client, [], [])["ticked"] == 1


def test_who_may_only_read_has_no_boxes(client: FlaskClient) -> None:
    client.post("/desk", data={"user": "u-bakker"})
    page = client.get("/contacts").text
    assert "checkbox" not in page
    assert "Bulkmutatie" not in page
    for path in ("/ticks", "/ticks/all", "/ticks/clear"):
        assert client.post(path).status_code == 403


def test_another_site_ticks_nobody(client: FlaskClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/ticks/all", headers=headers).status_code == 403


def test_going_back_shows_the_boxes_as_they_are(client: FlaskClient) -> None:
    assert client.get("/contacts").headers["Cache-Control"] == "no-store"
