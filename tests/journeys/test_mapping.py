"""The mapping's editor in a browser: search, choose, see what would happen, go back, leave."""

from __future__ import annotations

import pytest
from playwright.sync_api import Frame, FrameLocator, Route, expect

from tests.journeys.look import check, check_all, each_look, frame_of
from tests.journeys.person import Person, answer, press, unfold

pytestmark = pytest.mark.browser

WORKING = 90_000
"""Milliseconds that a worker may take on a busy machine."""


def editor(person: Person, *, unfolded: bool = True) -> FrameLocator:
    admin = person.connect()
    press(admin.get_by_role("button", name="Mapping", exact=True))
    expect(admin.get_by_label("Voornaam")).to_be_visible()
    if unfolded:
        unfold(admin)
    return admin


def test_changes_are_counted_checked_shown_and_kept(person: Person) -> None:
    admin = editor(person)
    changes = admin.locator("[data-changes]")
    admin.get_by_label("Functie", exact=True).select_option("functie")
    expect(changes).to_have_text("1 wijziging")
    admin.get_by_label("Afdeling", exact=True).select_option("functie")
    expect(changes).to_have_text("2 wijzigingen")

    press(admin.get_by_role("button", name="Opslaan", exact=True))
    expect(admin.locator("select[aria-invalid]")).to_have_count(2)
    expect(changes).to_have_text("2 wijzigingen")
    expect(admin.locator("[data-focus]")).to_be_focused()

    admin.get_by_label("Afdeling", exact=True).select_option("afdeling")
    press(admin.get_by_role("button", name="Opslaan", exact=True))
    expect(admin.get_by_role("heading", name="Wat gaat er gebeuren")).to_be_visible()
    expect(admin.locator("#confirm")).to_be_visible(timeout=WORKING)
    press(admin.get_by_role("button", name="Terug"))
    expect(changes).to_have_text("2 wijzigingen")
    expect(admin.get_by_label("Afdeling", exact=True)).to_have_value("afdeling")

    press(admin.get_by_role("button", name="Overzicht"))
    question = admin.get_by_role("dialog")
    expect(question).to_contain_text("Toch weggaan?")
    answer(question, "Annuleren")
    expect(changes).to_have_text("2 wijzigingen")
    press(admin.locator("#cancel"))
    expect(changes).to_have_text("")
    press(admin.get_by_role("button", name="Overzicht"))
    expect(question).to_be_hidden()


def test_fields_are_found_by_their_name_and_by_what_they_feed(person: Person) -> None:
    admin = editor(person)
    shown = admin.locator("[data-line]:not([hidden])")
    for wanted, found in (("MODULE", 3), ("tussenvoegsel", 1), ("telefoon nr", 1)):
        admin.get_by_label("Zoek een veld").fill(wanted)
        expect(shown).to_have_count(found)
    admin.get_by_label("Zoek een veld").fill("bestaat niet")
    expect(admin.get_by_text("Geen velden gevonden.")).to_be_visible()
    expect(admin.locator("[data-group]:not([hidden])")).to_have_count(0)


def test_it_is_fit_for_everybody(looking: Person) -> None:
    looking.connect()
    modal = looking.open_modal("Österbaan")
    modal.get_by_role("button", name="Opslaan").click()
    expect(looking.page.get_by_role("dialog")).to_have_count(0, timeout=WORKING)
    admin = editor(looking)
    check_all(looking.page)
    admin.get_by_label("Functie", exact=True).select_option("functie")
    admin.get_by_label("Afdeling", exact=True).select_option("functie")
    press(admin.get_by_role("button", name="Opslaan", exact=True))
    expect(admin.locator("select[aria-invalid]")).to_have_count(2)
    check_all(looking.page)
    press(admin.locator("#cancel"))
    expect(admin.locator("[data-changes]")).to_have_text("")
    press(admin.get_by_role("button", name="Nu synchroniseren"))
    expect(admin.locator("#confirm")).to_be_visible(timeout=WORKING)
    check_all(looking.page)


def test_nothing_moves_when_the_examples_come(looking: Person) -> None:
    held: list[Route] = []
    looking.page.route("**/mapping/samples", lambda route: held.append(route))
    admin = editor(looking, unfolded=False)
    inside = frame_of(looking.page)
    before = heights(looking, inside)
    held[0].continue_()
    expect(admin.locator("#sample-of")).not_to_contain_text("opgehaald")
    assert heights(looking, inside) == before


def heights(person: Person, inside: Frame) -> dict[str, float]:
    """In each look."""
    height = "document.documentElement.getBoundingClientRect().height"
    return {look: inside.evaluate(height) for look in each_look(person.page, inside)}


def test_what_becomes_of_a_former_primary_contact_is_chosen_and_kept(person: Person) -> None:
    admin = editor(person)
    changes = admin.locator("[data-changes]")
    name = "Urenregistratie module: Leegmaken bij de vorige primaire contactpersoon"
    box = admin.get_by_label(name)
    expect(box).to_be_hidden()
    admin.get_by_label("Urenregistratie module", exact=True).select_option("projectenModule")
    press(box)
    expect(changes).to_have_text("2 wijzigingen")
    check(person.page)
    press(admin.get_by_role("button", name="Opslaan", exact=True))
    expect(admin.locator("#confirm")).to_be_visible(timeout=WORKING)
    press(admin.get_by_role("button", name="Terug"))
    expect(box).to_be_checked()
    expect(changes).to_have_text("2 wijzigingen")
