"""Toestemmingen in a browser: what was just switched is found, and goes on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.look import check, violations
from tests.journeys.person import Person, press
from tests.journeys.test_mapping import WORKING

pytestmark = pytest.mark.browser

PERMISSION = "Yoobi Kwartaal nieuwsbrief"


def test_what_was_switched_is_found_and_put_on_paper(person: Person) -> None:
    person.connect()
    modal = person.open_modal("Hendriks")
    contact_id = person.contact_id()
    person.switch(modal, "Spotler permissies", PERMISSION).click()
    modal.get_by_role("button", name="Opslaan").click()
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    expect(person.status()).to_contain_text("Gesynchroniseerd", timeout=WORKING)

    admin = person.connect()
    press(admin.get_by_role("button", name="Toestemmingen", exact=True))
    search = admin.get_by_label("Naam, e-mailadres of CRM-nummer")
    search.fill(contact_id)
    search.press("Enter")
    act = admin.locator(".contacts > li").filter(has_text=contact_id).first
    expect(act).to_contain_text(PERMISSION)
    expect(admin.locator("#acts-title")).to_be_focused()
    check(person.page)

    press(act.locator("button.link"))
    expect(admin.locator("#one-title")).to_be_focused()
    with person.page.context.expect_page() as opened:
        press(admin.locator("#make-sheet"))
    sheet = opened.value
    expect(sheet.get_by_role("heading", level=1)).to_contain_text("Permissies van")
    expect(sheet.locator("main")).to_contain_text("door A. de Vries")
    expect(sheet.locator("main")).to_contain_text(contact_id)
    results = violations(sheet.main_frame)
    assert results.violations_count == 0, results.generate_report()
    sheet.emulate_media(media="print")
    expect(sheet.get_by_text("Druk dit blad af")).to_be_hidden()
    with person.page.expect_download() as taken:
        admin.locator("#acts-csv").click()
    assert contact_id in taken.value.path().read_text()
