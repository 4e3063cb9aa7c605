"""Ongedaan maken in a browser: see what goes back, agree, and see that it did."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.look import check
from tests.journeys.person import Person, press, tick
from tests.journeys.test_mapping import WORKING, editor

pytestmark = pytest.mark.browser


def test_a_changed_mapping_is_taken_back(person: Person) -> None:
    person.connect()
    modal = person.open_modal("Österbaan")
    modal.get_by_role("button", name="Opslaan").click()
    expect(person.page.get_by_role("dialog")).to_have_count(0, timeout=WORKING)
    admin = editor(person)
    admin.get_by_label("Functie", exact=True).select_option("functie")
    press(admin.get_by_role("button", name="Opslaan", exact=True))
    expect(admin.locator("#confirm")).to_be_visible(timeout=WORKING)
    press(admin.locator("#confirm"))
    expect(admin.locator("#run-state")).to_have_text("Klaar", timeout=WORKING)

    press(admin.locator("#undo"))
    expect(admin.get_by_role("heading", name="Wat gaat er gebeuren")).to_be_visible()
    expect(admin.locator("#confirm")).to_have_text("Ongedaan maken", timeout=WORKING)
    mapping = admin.get_by_label("Ook de mapping terugzetten")
    expect(mapping).to_be_checked()
    check(person.page)
    tick(mapping, on=False)
    expect(admin.get_by_text("Dit geldt tot de volgende synchronisatie.")).to_be_visible(
        timeout=WORKING
    )
    expect(mapping).not_to_be_checked()
    tick(mapping)
    expect(admin.get_by_text("De mapping wordt weer zoals die was.")).to_be_visible(timeout=WORKING)
    press(admin.locator("#confirm"))
    expect(admin.locator("#run-title")).to_contain_text("Ongedaan gemaakt door", timeout=WORKING)
    expect(admin.locator("#run-state")).to_have_text("Klaar", timeout=WORKING)
    check(person.page)
    press(admin.get_by_role("button", name="Mapping", exact=True))
    expect(admin.get_by_label("Functie", exact=True)).to_have_value("")
