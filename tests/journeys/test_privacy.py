"""A contact asked to be erased: it is, and nobody links that person again."""

from __future__ import annotations

from uuid import uuid4

import pytest
import requests
from playwright.sync_api import expect

from tests.journeys.person import Person, press
from tests.journeys.test_mapping import WORKING

pytestmark = pytest.mark.browser


def added(person: Person, last_name: str, address: str) -> str:
    """Somebody new in the CRM."""
    fields = {"first_name": "Vera", "last_name": last_name, "email": address}
    url = f"{person.stack.crm_url}/_demo/contacts"
    answer = requests.post(url, json={"fields": fields}, timeout=10)
    answer.raise_for_status()
    return str(answer.json()["id"])


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
    expect(modal.get_by_text("De gegevens zijn gewist", exact=True)).to_be_visible()
    expect(modal.get_by_role("button", name="Opslaan")).to_have_count(0)
    modal.get_by_role("button", name="Geschiedenis tonen").click()
    expect(modal.get_by_text("Gegevens gewist, gevraagd door")).to_be_visible()

    again = f"Terug{uuid4().hex[:6]}"
    added(person, again, address.upper())
    modal = person.open_modal(again)
    modal.get_by_role("button", name="Opslaan").click()
    expect(modal.get_by_text("De gegevens zijn gewist", exact=True)).to_be_visible(timeout=WORKING)

    admin = person.connect()
    press(admin.get_by_role("button", name="Privacy"))
    expect(admin.get_by_text(f"Nummer {contact_id}")).to_be_visible()
