"""Who signed off: while somebody looks, afterwards, and where an administrator allows more."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FrameLocator, expect

from tests.journeys.person import Person, press, tick

pytestmark = pytest.mark.browser

MONTHLY, QUARTERLY = "Yoobi Maandelijkse nieuwsbrief", "Yoobi Kwartaal nieuwsbrief"
PERMISSIONS = "Spotler permissies"


def save(person: Person, modal: FrameLocator) -> None:
    modal.get_by_role("button", name="Opslaan").click()
    expect(person.page.get_by_role("dialog")).to_have_count(0)


def allow_again(person: Person, allowed: bool) -> None:
    admin = person.open_settings()
    tick(admin.get_by_label("Medewerkers mogen een permissie weer aanzetten"), allowed)
    with person.page.expect_response(lambda answer: answer.url.endswith("/again")):
        press(admin.locator("#save-again"))


def test_a_sign_off_is_seen_explained_and_lifted_on_a_ground_only(person: Person) -> None:
    person.connect()
    modal = person.open_modal("Peters")
    contact_id = person.contact_id()
    person.switch(modal, PERMISSIONS, MONTHLY).check()
    save(person, modal)

    modal = person.open_modal("Peters")
    off = {"bit": 1, "enabled": False}
    person.spotler("POST", f"/contacts/{contact_id}/permissions", off)
    person.switch(modal, PERMISSIONS, QUARTERLY).check()
    modal.get_by_role("button", name="Opslaan").click()
    expect(modal.locator("#contact")).to_contain_text("Intussen gewijzigd in Spotler")
    expect(modal.locator("#contact")).to_contain_text(f"{MONTHLY} is nu uit. Afgemeld op")
    expect(person.switch(modal, PERMISSIONS, QUARTERLY)).to_be_checked()
    save(person, modal)

    modal = person.open_modal("Peters")
    expect(person.switch(modal, PERMISSIONS, MONTHLY)).to_be_disabled()
    modal.get_by_text(re.compile("^Afgemeld op .* via Spotler$")).click()
    expect(modal.get_by_text("Weer aanzetten kan hier niet")).to_be_visible()
    modal.get_by_role("button", name="Geschiedenis tonen").click()
    history = modal.get_by_role("region", name="Geschiedenis")
    expect(history.get_by_text(f"{MONTHLY}: afgemeld via Spotler")).to_be_visible()
    expect(history.get_by_text("Gekoppeld · Contactpersoon opgeslagen")).to_be_visible()
    history.get_by_role("button", name="Permissies").click()
    expect(history.get_by_text("Gekoppeld")).to_have_count(0)
    # Asked twice: the first time it was not carried out.
    expect(history.get_by_text(f"{QUARTERLY} aangezet door")).to_have_count(2)
    expect(history.get_by_text("Niet uitgevoerd.")).to_be_visible()

    allow_again(person, True)
    modal = person.open_modal("Peters")
    ground = modal.get_by_label("Op welke grond mag dit aan?")
    expect(ground).to_be_hidden()
    person.switch(modal, PERMISSIONS, MONTHLY).check()
    expect(ground).to_be_visible()
    modal.get_by_role("button", name="Opslaan").click()
    expect(ground).to_have_attribute("aria-invalid", "true")
    ground.fill("verzoek van de contactpersoon")
    save(person, modal)
    found = person.spotler("GET", f"/contacts/{contact_id}")["permissions"]
    assert found == [MONTHLY, QUARTERLY]
    modal = person.open_modal("Peters")
    modal.get_by_text("Aan sinds").first.click()
    expect(modal.get_by_text("verzoek van de contactpersoon", exact=True)).to_be_visible()
    allow_again(person, False)


def test_a_shared_address_is_settled_once(person: Person) -> None:
    person.connect()
    save(person, person.open_modal("Kees"))
    modal = person.open_modal("Marijke")
    expect(modal.locator("#contact")).to_contain_text("Dit e-mailadres hoort ook bij Kees de Wit.")
    with person.page.expect_response(lambda answer: answer.url.endswith("/leave")):
        modal.get_by_role("button", name="Van Kees de Wit").click()
    expect(modal.locator("#contact")).to_contain_text("Dit e-mailadres is van Kees de Wit.")
    modal = person.open_modal("Marijke")
    expect(modal.locator("#contact")).to_contain_text("Dit e-mailadres is van Kees de Wit.")
    expect(modal.get_by_role("button", name="Van Kees de Wit")).to_have_count(0)
    expect(modal.get_by_role("button", name="Toch van deze contactpersoon")).to_be_visible()
