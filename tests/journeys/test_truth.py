"""What the screens say while Spotler is away: what was asked, why it waits, and until when."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person, press, tick
from tests.journeys.test_events import crm

pytestmark = pytest.mark.browser

MONTHLY, QUARTERLY = "Yoobi Maandelijkse nieuwsbrief", "Yoobi Kwartaal nieuwsbrief"
PERMISSIONS = "Spotler permissies"


@pytest.fixture
def away(person: Person) -> Iterator[Person]:
    """Spotler takes no writes of contacts, until the test lets it or is over."""
    person.connect()
    person.spotler("POST", "/faults", {"kind": "unavailable", "path": "/contact/list"})
    yield person
    person.spotler("DELETE", "/faults")


def sees(person: Person, name: str, text: str) -> None:
    """Look at the data block until it says so: the first reading of Spotler takes a moment."""
    for patience in (3000, 5000, 10_000, 45_000):
        person.open_contact(name)
        try:
            return expect(person.status()).to_contain_text(text, timeout=patience)
        except AssertionError:
            if patience == 45_000:
                raise


def test_what_waits_is_told_everywhere_changed_and_tried_at_once(away: Person) -> None:
    person = away
    sees(person, "Aïcha Berg", "Deze contactpersoon staat nog niet in Spotler.")
    sees(person, "Arjan", "Inactief")
    sees(person, "Manders", "Dit e-mailadres hoort ook bij")
    sees(person, "Henk", "Dit is geen e-mailadres: „henk@example..nl”.")
    modal = person.open_modal("Aïcha Berg")
    person.switch(modal, PERMISSIONS, MONTHLY).check()
    person.switch(modal, PERMISSIONS, QUARTERLY).check()
    modal.get_by_role("button", name="Opslaan").click()
    expect(modal.locator("#progress")).to_contain_text("Je wijziging is bewaard")
    modal.locator("#go").click()
    expect(person.status()).to_contain_text(
        "is nog niet in Spotler. Spotler is nu niet bereikbaar."
    )
    expect(person.status()).to_contain_text("Volgende poging:")

    modal = person.open_modal("Aïcha Berg")
    expect(person.switch(modal, PERMISSIONS, MONTHLY)).to_be_checked()
    expect(modal.get_by_text("wacht op Spotler, volgende poging:")).to_have_count(2)
    person.switch(modal, PERMISSIONS, QUARTERLY).uncheck()
    modal.get_by_role("button", name="Opslaan").click()
    expect(modal.locator("#progress")).to_contain_text("Je wijziging is bewaard")

    admin = person.open_admin()
    expect(admin.locator("#health")).to_contain_text("wacht op een nieuwe poging")
    press(admin.get_by_role("button", name="Synchronisaties", exact=True))
    tick(admin.get_by_label("Ook van één contactpersoon"))
    press(admin.locator(".runs button").first)
    expect(admin.locator("#run-waits")).to_contain_text("Spotler is nu niet bereikbaar.")
    person.spotler("DELETE", "/faults")
    press(admin.get_by_role("button", name="Nu proberen"))
    expect(admin.locator("#run-state")).to_have_text("Klaar")

    person.open_contact("Aïcha Berg")
    expect(person.status()).to_contain_text("Gesynchroniseerd")
    found = person.spotler("GET", f"/contacts/{person.contact_id()}")["permissions"]
    assert found == [MONTHLY]

    # The CRM shows it in its own list, as the plugin tells.
    person.page.goto(f"{person.stack.crm_url}/contacts?q=Aïcha Berg")
    expect(person.page.get_by_role("row", name="Aïcha Berg")).to_contain_text("Gesynchroniseerd")


def test_what_was_mended_or_is_closed_is_told_without_anybody_looking(person: Person) -> None:
    person.connect()
    typed = {"first_name": "Typ", "last_name": "Fout", "email": "typ@example..nl"}
    contact_id = crm(person, "POST", "/contacts", fields=typed, silent=True)["id"]
    sees(person, "Typ Fout", "Dit is geen e-mailadres: „typ@example..nl”.")
    right = {"email": "typ.fout@example.nl"}
    crm(person, "PATCH", f"/contacts/{contact_id}", fields=right, silent=True)
    sees(person, "Typ Fout", "Deze contactpersoon staat nog niet in Spotler.")
    modal = person.open_modal("Typ Fout")
    modal.get_by_role("button", name="Opslaan").click()
    expect(person.status()).to_contain_text("Gesynchroniseerd")

    # Nobody asks Spotler here: the feed tells what happened there, with its day.
    person.spotler("POST", f"/contacts/{contact_id}/opt-out")
    person.open_modal("Typ Fout")
    sees(person, "Typ Fout", "Afgemeld of afgesloten in Spotler op")


@pytest.fixture
def refused(person: Person) -> Iterator[Person]:
    """Spotler knows the key no more, until the test is over."""
    admin = person.connect()
    person.spotler("POST", "/faults", {"kind": "unauthorized"})
    press(admin.get_by_role("button", name="Verbinding testen"))
    expect(admin.get_by_text("Spotler herkent deze key en secret niet").first).to_be_visible()
    yield person
    person.spotler("DELETE", "/faults")
    work_as(person, "A. de Vries")
    admin = person.open_settings()
    press(admin.get_by_role("button", name="Verbinding testen"))
    expect(admin.get_by_text("Verbonden", exact=True).first).to_be_visible()


def work_as(person: Person, name: str) -> None:
    person.page.goto(person.stack.crm_url)
    users = person.page.get_by_label("Gebruiker")
    users.select_option(label=users.locator("option", has_text=name).inner_text())
    person.page.get_by_role("button", name="Wisselen").click()


def test_who_cannot_repair_the_key_reads_who_can(refused: Person) -> None:
    person = refused
    admin = person.open_admin()
    press(admin.get_by_role("button", name="Naar de instellingen").first)
    expect(admin.locator("#to-connection")).to_have_attribute("aria-current", "page")
    work_as(person, "S. Bakker")
    person.open_contact("Aïcha Berg")
    expect(person.status()).to_contain_text("Een beheerder van Yoobi kan")
