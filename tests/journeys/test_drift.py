"""Verschillen in a browser: compare, see who differs in what, synchronise the ticked one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.look import check
from tests.journeys.person import Person, press
from tests.journeys.test_mapping import WORKING

pytestmark = pytest.mark.browser

NAME = "Elders"


def test_differences_are_found_and_settled(person: Person) -> None:
    person.connect()
    modal = person.open_modal("Österbaan")
    contact_id = person.contact_id()
    modal.get_by_role("button", name="Opslaan").click()
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    expect(person.status()).to_contain_text("Gesynchroniseerd", timeout=WORKING)
    changed = {"externalId": contact_id, "properties": {"firstName": NAME}}
    person.spotler("POST", "/contacts", {"contacts": [changed]})

    admin = person.connect()
    press(admin.get_by_role("button", name="Verschillen", exact=True))
    press(admin.get_by_role("button", name="Nu vergelijken"))
    expect(admin.locator("#report-title")).to_be_visible(timeout=WORKING)
    press(admin.locator("#count-different"))
    expect(admin.locator("#count-different")).to_have_attribute("aria-pressed", "true")
    one = admin.locator(".contacts > li").filter(has_text=contact_id)
    expect(one).to_contain_text(f"Spotler: {NAME}")
    expect(one).to_contain_text("Gewijzigd in Spotler.")
    check(person.page)

    press(one.get_by_role("checkbox"))
    press(admin.get_by_role("button", name="Aangevinkte synchroniseren"))
    expect(admin.locator("#confirm")).to_be_visible(timeout=WORKING)
    expect(admin.locator("#preview")).to_contain_text(NAME)
    press(admin.locator("#confirm"))
    expect(admin.locator("#run-state")).to_have_text("Klaar", timeout=WORKING)

    press(admin.get_by_role("button", name="Verschillen", exact=True))
    press(admin.get_by_role("button", name="Nu vergelijken"))
    press(admin.locator("#show-new"))
    expect(admin.locator("#show-new")).to_have_count(0)
    # Of contacts that other tests linked some may still differ.
    expect(one).to_have_count(0)
    check(person.page)
