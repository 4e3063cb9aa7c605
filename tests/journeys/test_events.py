"""Gebeurtenissen in a browser: what the CRM told, found again, and what it led to."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import requests
from playwright.sync_api import FrameLocator, expect

from tests.journeys.look import check, check_all
from tests.journeys.person import STILL, Person, press
from tests.journeys.test_mapping import WORKING

pytestmark = pytest.mark.browser


def crm(person: Person, method: str, path: str, **body: object) -> Any:
    """The CRM's control interface."""
    url = f"{person.stack.crm_url}/_demo{path}"
    answer = requests.request(method, url, json=body, timeout=10)
    answer.raise_for_status()
    return answer.json()


def told(person: Person) -> FrameLocator:
    """Link a contact and change it in the CRM; the screen of events."""
    person.connect()
    modal = person.open_modal("Österbaan")
    contact_id = person.contact_id()
    modal.get_by_role("button", name="Opslaan").click()
    # Who was linked before is so all the while: what is changed now must not go along.
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    expect(person.status()).to_contain_text("Gesynchroniseerd", timeout=WORKING)
    crm(person, "PATCH", f"/contacts/{contact_id}", fields={"first_name": f"Zoë {uuid4().hex[:6]}"})
    crm(person, "POST", "/events", type="contact.deleted", data={"contact_id": "nobody"})
    admin = person.connect()
    events = admin.get_by_role("button", name="Gebeurtenissen")
    press(events)
    expect(admin.locator(".runs > li").first).to_be_visible()
    return admin


def search_for(admin: FrameLocator, text: str) -> None:
    """Search again and again, until the events that wait were handled."""
    found = admin.get_by_text(text).first
    for _ in range(WORKING // 250):
        press(admin.get_by_role("button", name="Zoeken"))
        if found.is_visible():
            break
        admin.owner.page.wait_for_timeout(250)
    expect(found).to_be_visible()
    # The last list may still be on its way, with a form of its own.
    admin.get_by_role("button", name="Zoeken").evaluate(STILL)


def test_an_event_is_found_with_what_it_led_to(person: Person) -> None:
    admin = told(person)
    admin.get_by_label("Soort").select_option("Contactpersoon gewijzigd")
    search_for(admin, "Bijgewerkt in Spotler.")
    admin.get_by_label("Soort").select_option("Alle")
    admin.get_by_label("Uitkomst").select_option("Niets te doen")
    admin.get_by_role("searchbox").fill("nobody")
    admin.get_by_role("searchbox").press("Enter")
    search_for(admin, "Deze contactpersoon is niet gekoppeld.")
    expect(admin.get_by_text("Bijgewerkt in Spotler.")).to_have_count(0)
    expect(admin.get_by_label("Uitkomst")).to_have_value("nothing")
    expect(admin.locator("#found-title")).to_be_focused()
    admin.get_by_label("Uitkomst").select_option("Verwerkt")
    admin.get_by_role("searchbox").fill("")
    press(admin.get_by_role("button", name="Zoeken"))
    press(admin.get_by_role("button", name="Bekijken: Contactpersoon gewijzigd").first)
    expect(admin.get_by_role("heading", level=1)).to_have_text("Wijziging in het CRM")
    expect(admin.locator("#contacts-title")).to_be_focused()


def test_it_is_fit_for_everybody(looking: Person) -> None:
    told(looking)
    check_all(looking.page)


def test_a_test_event_is_told_beneath_the_list(person: Person) -> None:
    admin = told(person)
    press(admin.get_by_role("button", name="Testen"))
    expect(admin.get_by_role("button", name="Opnieuw testen")).to_be_visible()
    # Another event of the CRM may come first.
    crm(person, "POST", "/events", type="contact.changed", data={"contact_id": "x", "version": 1})
    expect(admin.get_by_text("Aangekomen: de handtekening klopt.", exact=True)).to_be_visible()
    expect(admin.get_by_role("heading", name="Gebeurtenissen")).to_be_visible()
    check(person.page)
