"""A contact asked to be erased: it is, and nothing links that person again."""

from __future__ import annotations

from uuid import uuid4

import pytest
import requests
from playwright.sync_api import expect

from tests.journeys.person import Person, press
from tests.journeys.test_automatic import make_action, move, wait_until
from tests.journeys.test_bulk import NEWSLETTER, in_spotler, outcome, planned, step_two
from tests.journeys.test_mapping import WORKING

pytestmark = pytest.mark.browser


ERASED = "De gegevens zijn gewist"


def added(person: Person, last_name: str, address: str) -> str:
    """Somebody new in the CRM."""
    fields = {"first_name": "Vera", "last_name": last_name, "email": address}
    url = f"{person.stack.crm_url}/_demo/contacts"
    answer = requests.post(url, json={"fields": fields}, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["id"])


def tries_in_bulk(person: Person, name: str) -> None:
    """Contactpersonen › this one › Bulkmutatie: the plan says so, and so does the outcome."""
    person.page.goto(f"{person.stack.crm_url}/contacts?q={name}")
    person.page.get_by_label("Alles op deze pagina selecteren").check()
    person.page.get_by_role("button", name="Bulkmutatie").click()
    step = step_two(person)
    planned(step)
    step.get_by_role("combobox", name=NEWSLETTER).select_option("on")
    step.get_by_label(f"Grond voor {NEWSLETTER}").fill("toestemming gegeven")
    expect(step.get_by_role("row", name=NEWSLETTER)).to_be_visible(timeout=WORKING)
    assert planned(step)["Geblokkeerd"] == sum(planned(step).values()) == 1
    expect(step.locator("#plan")).to_contain_text(ERASED)
    press(step.get_by_role("button", name="Opslaan"))
    expect(person.page.get_by_text("Bulkmutatie gestart voor 1 contactpersoon")).to_be_visible()
    assert outcome(person, f"{NEWSLETTER}: aan")["Geblokkeerd"] == 1
    expect(person.page.frame_locator("iframe").locator("#screen")).to_contain_text(ERASED)


def tries_by_an_action(person: Person, name: str) -> None:
    """A sale to this one reaches the phase of an automatic action: its history says so."""
    action = f"Gewonnen {uuid4().hex[:6]}"
    make_action(person, action, "Gewonnen")
    person.open_contact(name)
    person.page.get_by_label("Nieuwe verkoop").fill(name)
    person.page.get_by_role("button", name="Toevoegen").click()
    move(person, name, "Gewonnen")
    admin = person.connect()
    press(admin.get_by_role("button", name="Automatische acties", exact=True))
    press(admin.get_by_role("button", name=action))
    fired = admin.locator("#firings .contacts > li")

    def is_told() -> bool:
        press(admin.get_by_role("button", name="Geschiedenis"))
        expect(admin.locator("#firings")).to_be_visible()
        if ERASED in admin.locator("#firings").inner_text():
            return True
        press(admin.locator("#to-action"))
        return False

    wait_until(person, is_told)
    expect(fired).to_have_count(1)


def test_erased_and_not_linked_again(person: Person) -> None:
    name, address = f"Wegman{uuid4().hex[:6]}", f"{uuid4().hex[:8]}@example.nl"
    contact_id = added(person, name, address)
    person.connect()
    modal = person.open_modal(name)
    modal.get_by_role("button", name="Opslaan").click()
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    expect(person.status()).to_contain_text("Gesynchroniseerd", timeout=WORKING)

    modal = person.open_modal(name)
    modal.get_by_role("button", name="Gegevens wissen…").click()
    erase = modal.get_by_role("button", name="Gegevens wissen", exact=True)
    erase.click()
    expect(modal.get_by_text("Er is nog niets gewist.")).to_be_visible()
    modal.get_by_label("Typ WISSEN om te bevestigen").fill("WISSEN")
    erase.click()
    expect(modal.get_by_text("In Spotler geanonimiseerd.")).to_be_visible(timeout=WORKING)
    assert address not in str(person.spotler("GET", f"/contacts/{contact_id}"))

    modal = person.open_modal(name)
    expect(modal.get_by_text(ERASED, exact=True)).to_be_visible()
    expect(modal.get_by_role("button", name="Opslaan")).to_have_count(0)
    modal.get_by_role("button", name="Geschiedenis tonen").click()
    expect(modal.get_by_text("Gegevens gewist, gevraagd door")).to_be_visible()

    again = f"Terug{uuid4().hex[:6]}"
    again_id = added(person, again, address.upper())
    modal = person.open_modal(again)
    modal.get_by_role("button", name="Opslaan").click()
    expect(modal.get_by_text(ERASED, exact=True)).to_be_visible(timeout=WORKING)
    tries_in_bulk(person, again)
    tries_by_an_action(person, again)
    assert {each.get("externalId") for each in in_spotler(person)}.isdisjoint([again_id])
    assert address not in str(in_spotler(person)).lower()

    admin = person.connect()
    press(admin.get_by_role("button", name="Privacy"))
    expect(admin.get_by_text(f"Nummer {contact_id}")).to_be_visible()
