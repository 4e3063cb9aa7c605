"""The pages for a person."""

from html.parser import HTMLParser

import pytest
import requests

from demo.spotler.server import Sandbox
from tests.sandbox.clients import Api, Control

VOID = {"meta", "link", "input", "br"}


class Checker(HTMLParser):
    """Fails on tags that do not nest, and notes what would be loaded from elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        self.links.extend(value or "" for name, value in attrs if name in ("src", "href"))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(sandbox: Sandbox, path: str, status: int = 200) -> str:
    """A page whose HTML is sound and which needs nothing from outside."""
    answer = requests.get(sandbox.url + path, timeout=5)
    assert answer.status_code == status
    checker = Checker()
    checker.feed(answer.text)
    assert checker.open == []
    assert all(not link.startswith(("http", "//")) for link in checker.links)
    assert "<script" not in answer.text
    return answer.text


@pytest.mark.parametrize("path", ["/", "/automations", "/mailings", "/aanroepen", "/storingen"])
def test_every_page_also_when_the_account_is_empty(
    sandbox: Sandbox, control: Control, path: str
) -> None:
    read(sandbox, path)
    control("POST", "/reset", {"empty": True})
    read(sandbox, path)


def test_contacts_are_searched_and_paged(sandbox: Sandbox) -> None:
    assert "Pagina 1 van 3" in read(sandbox, "/")
    assert "Pagina 3 van 3" in read(sandbox, "/?pagina=3")
    found = read(sandbox, "/?q=ander-systeem-1")
    assert "andermans@example.nl" in found and "bestaand@example.nl" not in found
    assert "Geen contact gevonden voor „&lt;b&gt;”" in read(sandbox, "/?q=<b>")


def test_a_contact(sandbox: Sandbox, api: Api) -> None:
    api.save("a", email="a@example.nl", lastName="<i>Schuin</i>")
    listed = api.get("/automation/list").json()
    api.post(f"/automation/trigger/{listed[0]['triggers'][0]['code']}", {"externalContactId": "a"})
    text = read(sandbox, "/contacten/a")
    assert "&lt;i&gt;Schuin" in text and "download e-book" in text
    assert "Nieuwsbrief" in read(sandbox, "/contacten/bestaand@example.nl")
    assert "download e-book" in read(sandbox, "/automations")
    assert "/automation/trigger/" in read(sandbox, "/aanroepen")
    read(sandbox, "/contacten/niemand", status=404)
    read(sandbox, "/niets", status=404)


def test_acting_as_the_recipient(sandbox: Sandbox, api: Api, control: Control) -> None:
    api.save("a", email="a@example.nl")

    def act(path: str, **fields: str) -> None:
        answer = requests.post(f"{sandbox.url}/contacten/a/{path}", data=fields, timeout=5)
        assert answer.status_code == 200 and answer.history[0].status_code == 303

    act("permissies", bit="2")
    assert control("GET", "/contacts/a")["permissions"] == ["Yoobi Kwartaal nieuwsbrief"]
    act("permissies", bit="2")
    act("status", standing="opt_out")
    shown = control("GET", "/contacts/a")
    assert (shown["permissions"], shown["standing"]) == ([], "opt_out")
    act("status", standing="hard_bounce")
    assert control("GET", "/contacts/a")["standing"] == "hard_bounce"
    for path, fields in (("permissies", {"bit": "x"}), ("status", {"standing": "x"})):
        answer = requests.post(f"{sandbox.url}/contacten/a/{path}", data=fields, timeout=5)
        assert answer.status_code == 400


def test_faults_by_hand(sandbox: Sandbox, api: Api, control: Control) -> None:
    form = {"kind": "unavailable", "when": "before", "times": "2"}
    requests.post(f"{sandbox.url}/storingen", data=form, timeout=5)
    assert api.get("/campaign/list").status_code == 503
    assert "Niet bereikbaar (503)" in read(sandbox, "/storingen")
    requests.post(f"{sandbox.url}/storingen/wissen", timeout=5)
    assert "Alles werkt." in read(sandbox, "/storingen")
