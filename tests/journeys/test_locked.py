"""The database is locked for longer than anybody waits: what was changed is still there."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_what_cannot_be_saved_now_stays_on_the_screen(person: Person) -> None:
    person.connect()
    modal = person.open_modal("Meijer")
    person.switch(modal, "Spotler permissies", "Onboarding").check()
    save = modal.get_by_role("button", name="Opslaan")
    with closing(sqlite3.connect(person.stack.state / "plugin.sqlite3")) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        save.click()
        expect(modal.locator("#notices")).to_contain_text("De plugin is nu te druk", timeout=40_000)
        other.execute("ROLLBACK")
    expect(person.switch(modal, "Spotler permissies", "Onboarding")).to_be_checked()
    expect(modal.get_by_text("1 wijziging")).to_be_visible()
    save.click()
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    found = person.spotler("GET", f"/contacts/{person.contact_id()}")
    assert found["permissions"] == ["Onboarding"]
