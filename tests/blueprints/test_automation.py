"""The list of automations: entering one by its trigger code, and removing it."""

from __future__ import annotations

import re

import pytest

from spotler_plugin.models import Environment
from spotler_plugin.services.catalogue.automations import listed_automations
from tests.blueprints.widget import Widget, words

URL = "/admin/automations"
CODE = "8f14e45f-ceea-467a-9575-2b7d1c3c1b2a"


def test_one_is_added_and_removed(admin: Widget, environment: Environment) -> None:
    shown = admin.ask("POST", URL, name=" Mijn <b>flow</b> ", code=f" {CODE}\n")
    assert "Mijn <b>flow</b> is toegevoegd." in words(shown) and "<b>flow" not in shown.text
    found = re.search(rf'hx-delete="({URL}/\d+)"', shown.text)
    assert found is not None
    assert "De automation is verwijderd." in words(admin.ask("DELETE", found[1]))
    assert admin.ask("DELETE", found[1]).status_code == 200
    assert not listed_automations(environment.id)


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("", CODE, "Vul een naam in"),
        ("x" * 300, CODE, "Kies een kortere naam"),
        ("a\x00b", CODE, "Kies een kortere naam"),
        ("Welkom", "", "Plak hier de trigger code"),
        ("Welkom", "1234", "Dit is geen trigger code."),
        ("Welkom", "🔑" * 300, "Dit is geen trigger code."),
    ],
)
def test_what_is_wrong_stands_where_it_belongs(
    admin: Widget, name: str, code: str, said: str
) -> None:
    shown = admin.ask("POST", URL, name=name, code=code)
    assert shown.status_code == 422 and said in words(shown)


def test_a_code_is_entered_once(admin: Widget) -> None:
    admin.ask("POST", URL, name="Welkom", code=CODE)
    shown = admin.ask("POST", URL, name="Nog eens", code=CODE.upper())
    assert shown.status_code == 422
    assert "Deze trigger code staat al in de lijst: Welkom." in words(shown)
