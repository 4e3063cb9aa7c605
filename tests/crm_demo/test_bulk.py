"""The bulk mutation's own screens: step 1, the selection it fixes, step 2, and the end."""

import re
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from demo.crm.app import create_app
from demo.crm.crm import Crm
from demo.crm.settings import Settings
from tests.crm_demo.fake_plugin import API_TOKEN

MANY = 20_000


def select(client: FlaskClient, ids: list[str]) -> str:
    """Tick, look, and go on to step 2; the selection's id."""
    client.post("/bulk/begin", data={"shown": " ".join(ids), "id": ids})
    step_two = client.post("/bulk", data={"total": len(ids)})
    found = re.fullmatch(r"/bulk/(sel_\w+)", step_two.location)
    assert found is not None
    return found[1]


def test_the_boxes_on_the_screen_come_along(client: FlaskClient, data: Crm) -> None:
    ids = data.contacts.ids("")
    client.post("/ticks", data={"shown": ids[30], "id": ids[30]})
    begun = client.post("/bulk/begin", data={"shown": " ".join(ids[:25]), "id": ids[:2]})
    page = client.get(begun.location).text
    assert "<strong>3</strong> contactpersonen geselecteerd" in page
    assert "Zoë van der Österbaan" in page
    assert "Volgende" in page


def test_step_one_is_paged_and_names_the_locked(client: FlaskClient) -> None:
    client.post("/ticks/all")
    page = client.get("/bulk").text
    assert "<strong>40</strong> contactpersonen geselecteerd" in page
    assert "Pagina 1 van 2" in page
    assert "1 van hen is vergrendeld" in page
    assert client.get("/bulk?page=2").text.count("<tr>") == 1 + 15


def test_nobody_is_told(client: FlaskClient) -> None:
    for path in ("/bulk/begin", "/bulk"):
        told = client.post(path, data={"total": "0"}, follow_redirects=True).text
        assert told.count("Vink eerst een of meer contactpersonen aan.") == 1


def test_step_two_mounts_the_widget_on_the_selection(client: FlaskClient, data: Crm) -> None:
    ids = data.contacts.ids("")[2:5]
    selection_id = select(client, ids)
    selection = data.selections.find(selection_id)
    assert selection is not None
    assert (selection.owner, selection.total) == ("u-devries", 3)
    assert data.selections.ids(selection_id, 0, 10) == ids
    page = client.get(f"/bulk/{selection_id}").text
    assert 'data-widget="bulk-step"' in page
    assert f'data-resource-type="selection" data-resource-id="{selection_id}"' in page
    assert "voor 3 contactpersonen" in page


def test_what_changed_after_step_one_is_looked_at_again(client: FlaskClient, data: Crm) -> None:
    ids = data.contacts.ids("")
    client.post("/bulk/begin", data={"shown": "", "id": ids[:3]})
    data.contacts.delete(ids[0])
    again = client.post("/bulk", data={"total": "3"}, follow_redirects=True).text
    assert "De selectie is intussen gewijzigd." in again
    assert "<strong>2</strong> contactpersonen geselecteerd" in again


def test_a_box_that_is_cleared_in_step_one_leaves_somebody_out(
    client: FlaskClient, data: Crm
) -> None:
    ids = data.contacts.ids("")[:3]
    client.post("/bulk/begin", data={"shown": "", "id": ids})
    form = {"shown": " ".join(ids), "id": ids[1:], "total": "2"}
    step_two = client.post("/bulk", data=form)
    selection_id = step_two.location.removeprefix("/bulk/")
    assert data.selections.ids(selection_id, 0, 10) == ids[1:]


def test_to_cancel_is_to_be_back_in_the_same_list(client: FlaskClient) -> None:
    client.get("/contacts?q=wit&sort=name")
    client.post("/ticks/all", data={"q": "wit"})
    assert 'href="/contacts?q=wit&amp;sort=name">Annuleren' in client.get("/bulk").text


def test_the_end_takes_the_ticks_of_this_selection_away(client: FlaskClient, data: Crm) -> None:
    ids = data.contacts.ids("")
    selection_id = select(client, ids[:3])
    client.post("/ticks", data={"shown": ids[9], "id": ids[9]})
    page = client.post(f"/bulk/{selection_id}/done", follow_redirects=True).text
    assert "Bulkmutatie gestart voor 3 contactpersonen." in page
    assert '<a href="/preferences/spotler">Systeemvoorkeuren › Spotler</a>' in page
    assert "onder Synchronisaties" in page
    assert "<strong>1</strong> contactpersoon geselecteerd" in page


def test_who_may_not_see_the_preferences_gets_no_link_to_them(
    client: FlaskClient, data: Crm
) -> None:
    client.post("/desk", data={"user": "u-jansen"})
    selection_id = select(client, data.contacts.ids("")[:1])
    page = client.post(f"/bulk/{selection_id}/done", follow_redirects=True).text
    assert "Bulkmutatie gestart voor 1 contactpersoon." in page
    assert "/preferences/spotler" not in page


def test_a_selection_is_its_owners(client: FlaskClient, data: Crm) -> None:
    others = data.selections.add(data.contacts.ids(""), "u-jansen")
    assert client.get(f"/bulk/{others.id}").status_code == 404
    assert client.post(f"/bulk/{others.id}/done").status_code == 404


def test_a_reader_has_no_bulk_mutation(client: FlaskClient) -> None:
    client.post("/desk", data={"user": "u-bakker"})
    assert client.get("/bulk").status_code == 403
    assert client.post("/bulk").status_code == 403
    assert client.post("/bulk/begin").status_code == 403


@pytest.fixture(scope="module")
def crowd() -> Iterator[FlaskClient]:
    """A browser at a CRM of twenty thousand contacts."""
    data = Crm.open(Settings(contacts=MANY, api_token=API_TOKEN))
    yield create_app(data).test_client()
    data.store.close()


def test_twenty_thousand_are_no_burden(crowd: FlaskClient) -> None:
    bearer = {"Authorization": f"Bearer {API_TOKEN}"}
    quickly(lambda: crowd.get("/contacts?page=800&sort=relation"))
    quickly(lambda: crowd.post("/ticks/all", headers={"Accept": "application/json"}))
    quickly(lambda: crowd.get("/contacts"))
    quickly(lambda: crowd.get("/bulk?page=800"))
    step_two = quickly(lambda: crowd.post("/bulk", data={"total": MANY}))
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        url = f"/api/selections/{step_two.location.removeprefix('/bulk/')}?after={cursor}"
        page = quickly(partial(crowd.get, url, headers=bearer)).get_json()
        assert page["total"] == MANY
        seen += page["ids"]
        cursor = page["next"]
    assert len(seen) == len(set(seen)) == MANY
    quickly(lambda: crowd.post(step_two.location + "/done"))
    assert "Nog niemand geselecteerd" in quickly(lambda: crowd.get("/contacts")).text


def quickly(call: Callable[[], TestResponse]) -> TestResponse:
    """Answer within half a second of this process: a busy machine changes nothing."""
    begun = time.process_time()
    answer = call()
    assert time.process_time() - begun < 0.5
    assert answer.status_code < 400
    return answer
