"""A worker may be killed, and Redis emptied, at any moment."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from demo.processes import wait_until
from tests.journeys.person import Person

pytestmark = [pytest.mark.browser, pytest.mark.long]

MINUTE = 60_000
PERMISSIONS, AUTOMATIONS = "Spotler permissies", "Spotler automations"
ONBOARDING, E_BOOK = "Onboarding nieuwe klant", "download e-book"


def save_with(person: Person, name: str, slow: str) -> str:
    """Ask for a permission and an automation; Spotler takes three seconds for calls to `slow`."""
    person.connect()
    modal = person.open_modal(name)
    person.spotler("POST", "/faults", {"kind": "delay", "seconds": 3, "path": slow, "times": 1})
    person.switch(modal, PERMISSIONS, "Prospect uitstel").check()
    person.switch(modal, AUTOMATIONS, ONBOARDING).check()
    modal.get_by_role("button", name="Opslaan").click()
    expect(modal.locator("[data-busy]")).to_be_attached()
    return person.contact_id()


@pytest.mark.parametrize("empty_redis", [False, True], ids=["killed", "killed and Redis emptied"])
def test_during_the_write(person: Person, empty_redis: bool) -> None:
    name = "Dubois" if empty_redis else "Brânză"
    contact_id = save_with(person, name, "/contact/list")
    person.stack.kill("worker")
    if empty_redis:
        person.stack.redis.flushall()
    person.stack.start("worker")

    expect(person.page.get_by_role("dialog")).to_have_count(0, timeout=MINUTE)
    expect(person.status()).to_contain_text("Gesynchroniseerd")
    assert person.spotler("GET", f"/contacts/{contact_id}")["permissions"] == ["Prospect uitstel"]
    assert len(person.enrolments(contact_id)) == 1


def test_during_the_start_of_an_automation(person: Person) -> None:
    """The call had left: nobody knows, the screen says so, and nothing is sent again; but by a
    person who looked in Spotler."""
    slow = "/automation/trigger/*"
    contact_id = save_with(person, "Diaz", slow)
    assert wait_until(lambda: person.spotler("GET", f"/calls?path={slow}")["calls"], 60)
    person.stack.kill("worker")
    person.stack.start("worker")

    modal = person.page.frame_locator("dialog iframe")
    unsure = "Het is niet zeker of deze automation is gestart"
    expect(modal.locator("body")).to_contain_text(unsure, timeout=MINUTE)
    assert len(person.enrolments(contact_id)) <= 1
    modal.get_by_role("button", name="Is gestart").click()
    expect(modal.get_by_text("Het is niet zeker")).to_have_count(0)
    modal = person.open_modal("Diaz")
    expect(person.switch(modal, AUTOMATIONS, ONBOARDING)).to_be_checked()
    expect(person.switch(modal, AUTOMATIONS, ONBOARDING)).to_be_disabled()
    started = modal.get_by_text(re.compile("^Gestart op .* door A. de Vries$"))
    expect(started).to_have_count(1)
    before = len(person.enrolments(contact_id))

    # Of this one Spotler never heard, which nobody can know either.
    lost = {"kind": "drop", "path": "/automation/trigger/*", "when": "before", "times": 1}
    person.spotler("POST", "/faults", lost)
    opened = modal.locator("details.note").first
    opened.locator("summary").click()
    person.switch(modal, AUTOMATIONS, E_BOOK).check()
    modal.get_by_role("button", name="Opslaan").click()
    expect(modal.locator("body")).to_contain_text(unsure, timeout=MINUTE)
    # What took the place of the form by itself folds nothing that somebody opened.
    expect(opened).to_have_attribute("open", "")
    assert len(person.enrolments(contact_id)) == before
    modal.get_by_role("button", name="Opnieuw starten").click()
    expect(modal.get_by_text("Het is niet zeker")).to_have_count(0, timeout=MINUTE)
    modal = person.open_modal("Diaz")
    expect(started).to_have_count(2)
    assert len(person.enrolments(contact_id)) == before + 1
