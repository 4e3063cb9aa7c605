"""The editor of automatic actions in a browser: on its own in the CRM, and in the admin widget."""

from __future__ import annotations

from uuid import uuid4

import pytest
from playwright.sync_api import Browser, FrameLocator, expect

from tests.journeys.look import check, check_all
from tests.journeys.person import Person, answer, press

pytestmark = pytest.mark.browser

NEWSLETTER = "Yoobi Maandelijkse nieuwsbrief"


def open_new(person: Person) -> FrameLocator:
    """Systeemvoorkeuren › Automatische acties › Nieuwe automatische actie, in the CRM."""
    person.page.goto(f"{person.stack.crm_url}/preferences/automatic-actions")
    person.page.get_by_role("link", name="Nieuwe automatische actie").click()
    editor = person.page.frame_locator("iframe")
    expect(editor.get_by_label("Naam")).to_be_visible()
    return editor


def test_one_is_made_in_the_crm_and_attached_to_a_phase(person: Person) -> None:
    person.connect()
    editor = open_new(person)
    editor.get_by_label("Naam").fill("Na de offerte")
    editor.get_by_label(NEWSLETTER, exact=True).select_option("aan")
    ground = editor.get_by_label(f"Grond voor {NEWSLETTER}")
    expect(ground).to_be_visible()
    press(editor.get_by_role("button", name="Opslaan"))
    expect(
        editor.get_by_text("Vul in op welke grond deze permissie aan mag.", exact=True)
    ).to_be_visible()
    editor.get_by_label(f"Grond voor {NEWSLETTER}").fill("toestemming gegeven")
    press(editor.get_by_role("button", name="Opslaan"))

    person.page.wait_for_url("**/preferences/automatic-actions")
    person.page.get_by_role("link", name="Acties koppelen aan een verkoopfase").click()
    person.page.get_by_label("Verkoopfase").select_option("Offerte")
    person.page.get_by_label("Automatische actie").select_option(label="Na de offerte")
    person.page.get_by_role("button", name="Koppelen", exact=True).click()
    expect(person.page.get_by_text("Offerte: Na de offerte")).to_be_visible()


def test_leaving_asks_when_there_are_changes(person: Person) -> None:
    person.connect()
    editor = open_new(person)
    editor.get_by_label("Naam").fill("Niet bewaard")
    press(editor.get_by_role("button", name="Annuleren"))
    question = editor.get_by_role("dialog")
    expect(question).to_contain_text("Toch sluiten?")
    answer(question, "Annuleren")
    expect(editor.get_by_label("Naam")).to_have_value("Niet bewaard")
    press(editor.get_by_role("button", name="Annuleren"))
    answer(question, "Sluiten zonder opslaan")
    person.page.wait_for_url("**/preferences/automatic-actions")


def test_two_who_edit_one_keep_what_each_changed(person: Person, browser: Browser) -> None:
    person.connect()
    editor = open_new(person)
    name = f"Samen {uuid4().hex[:6]}"
    editor.get_by_label("Naam").fill(name)
    press(editor.get_by_role("button", name="Opslaan"))
    person.page.wait_for_url("**/preferences/automatic-actions")
    colleague = Person(browser.new_page(locale="nl-NL"), person.stack)
    first, second = (edit(each, name) for each in (person, colleague))
    first.get_by_label("Notitie").fill("Van de een")
    second.get_by_label("Beschrijving").fill("Van de ander")
    press(first.get_by_role("button", name="Opslaan"))
    expect(first.locator("#screen").get_by_text(f"{name} is opgeslagen.")).to_be_visible()
    press(second.get_by_role("button", name="Opslaan"))
    meanwhile = second.locator("#screen").get_by_text("Notitie: van leeg naar “Van de een”")
    expect(meanwhile).to_be_visible()
    expect(second.get_by_label("Notitie")).to_have_value("Van de een")
    expect(second.get_by_label("Beschrijving")).to_have_value("Van de ander")
    check(colleague.page)
    press(second.get_by_role("button", name="Overzicht"))
    answer(second.get_by_role("dialog"), "Annuleren")
    press(second.get_by_role("button", name="Opslaan"))
    expect(second.locator("#screen").get_by_text(f"{name} is opgeslagen.")).to_be_visible()
    colleague.page.close()


def edit(person: Person, name: str) -> FrameLocator:
    """The action's editor among the settings."""
    admin = person.connect()
    press(admin.get_by_role("button", name="Automatische acties", exact=True))
    press(admin.get_by_role("button", name=name))
    expect(admin.get_by_label("Naam")).to_have_value(name)
    return admin


def test_it_is_fit_for_everybody(looking: Person) -> None:
    admin = looking.connect()
    press(admin.get_by_role("button", name="Automatische acties", exact=True))
    press(admin.get_by_role("button", name="Nieuwe automatische actie"))
    admin.get_by_label(NEWSLETTER, exact=True).select_option("aan")
    expect(admin.get_by_label(f"Grond voor {NEWSLETTER}")).to_be_visible()
    check_all(looking.page)
    press(admin.get_by_role("button", name="Opslaan"))
    expect(admin.get_by_text("Vul een naam in.", exact=True)).to_be_visible()
    expect(admin.locator("[data-focus]")).to_be_focused()
    check_all(looking.page)
    admin.get_by_label("Naam").fill("Uit te proberen")
    admin.get_by_label(f"Grond voor {NEWSLETTER}").fill("toestemming gegeven")
    press(admin.get_by_role("button", name="Opslaan"))
    expect(admin.locator("#screen").get_by_text("Uit te proberen is opgeslagen.")).to_be_visible()
    check_all(looking.page)
    press(admin.get_by_role("button", name="Uit te proberen").first)
    check_all(looking.page)
    press(admin.get_by_role("button", name="Geschiedenis"))
    expect(admin.get_by_text("Nog niet uitgevoerd")).to_be_visible()
    check_all(looking.page)
    press(admin.get_by_role("button", name="Uit te proberen"))
    press(admin.get_by_role("button", name="Uitproberen"))
    looked_for = contact_of(looking)
    admin.get_by_label("Naam, e-mailadres of CRM-nummer").fill(looked_for)
    press(admin.get_by_role("button", name="Zoeken"))
    press(admin.get_by_role("button", name="Uitproberen:").first)
    expect(admin.get_by_role("heading", name="Wat gaat er gebeuren")).to_be_visible()
    check_all(looking.page)


def contact_of(person: Person) -> str:
    """The CRM's number of somebody."""
    page = person.page.context.new_page()
    page.goto(f"{person.stack.crm_url}/contacts?q=Österbaan")
    page.get_by_role("link", name="Österbaan").first.click()
    contact_id = page.url.rpartition("/")[2]
    page.close()
    return contact_id
