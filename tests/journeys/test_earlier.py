"""The way back in a browser: one contact is put back from a backup, from its modal, and stays off
where it signed off since."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.look import check, frame_of
from tests.journeys.person import Person, press
from tests.journeys.test_mapping import WORKING
from tests.journeys.test_sign_off import MONTHLY, PERMISSIONS, QUARTERLY

pytestmark = pytest.mark.browser


def test_one_contact_is_put_back_from_its_modal(person: Person) -> None:
    person.connect()
    modal = person.open_modal("Brouwer")
    contact_id = person.contact_id()
    person.switch(modal, PERMISSIONS, MONTHLY).check()
    modal.get_by_role("button", name="Opslaan").click()
    expect(person.page.get_by_role("dialog")).to_have_count(0, timeout=WORKING)
    expect(person.status()).to_contain_text("Gesynchroniseerd", timeout=WORKING)
    admin = person.connect()
    press(admin.get_by_role("button", name="Back-ups", exact=True))
    press(admin.get_by_role("button", name="Nu een back-up maken"))
    expect(admin.locator(".notice")).to_contain_text("De back-up is klaar.", timeout=WORKING)
    changed = {"externalId": contact_id, "properties": {"firstName": "Elders"}}
    person.spotler("POST", "/contacts", {"contacts": [changed]})
    off = {"bit": 1, "enabled": False}
    person.spotler("POST", f"/contacts/{contact_id}/permissions", off)

    modal = person.open_modal("Brouwer")
    person.switch(modal, PERMISSIONS, QUARTERLY).check()
    modal.get_by_role("button", name="Terugzetten of ongedaan maken…").click()
    modal.get_by_role("button", name="Weggaan zonder opslaan").click()
    expect(modal.locator("#earlier-title")).to_be_focused()
    check(person.page, frame_of(person.page, "dialog iframe"))
    modal.get_by_role("button", name="Terugzetten: Back-up door").first.click()
    expect(modal.locator("#confirm")).to_have_text("Terugzetten", timeout=WORKING)
    expect(modal.locator("#preview")).to_contain_text("Elders")
    check(person.page, frame_of(person.page, "dialog iframe"))
    modal.locator("#confirm").click()
    expect(modal.locator("#to-contact")).to_be_visible(timeout=WORKING)
    expect(modal.locator("#contact")).to_contain_text("Bijgewerkt")
    expect(modal.locator("ins")).to_have_text("Ruben")
    check(person.page, frame_of(person.page, "dialog iframe"))
    modal.get_by_role("button", name="Terug naar de contactpersoon").click()
    expect(modal.locator("#name")).to_contain_text("Brouwer")
    expect(modal.locator("#mailings")).not_to_contain_text("opgehaald…", timeout=WORKING)
    found = person.spotler("GET", f"/contacts/{contact_id}")
    assert "Ruben" in str(found) and MONTHLY not in found["permissions"]
