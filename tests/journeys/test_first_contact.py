"""The first slice: from a pasted key to a contact in Spotler, and what stands in its way."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.journeys.person import KEY, Person, press

pytestmark = pytest.mark.browser


def test_from_key_to_contact_in_spotler(person: Person) -> None:
    admin = person.connect()
    press(admin.get_by_role("button", name="Mapping", exact=True))
    expect(admin.get_by_text("Voorletter(s)").first).to_be_visible()

    person.open_contact("Öztürk")
    expect(person.status()).to_contain_text("Niet gesynchroniseerd")
    modal = person.open_modal("Öztürk")
    contact_id = person.contact_id()
    person.switch(modal, "Spotler permissies", "Yoobi Maandelijkse nieuwsbrief").check()
    person.switch(modal, "Spotler automations", "download e-book").check()
    modal.get_by_role("button", name="Opslaan").click()

    expect(person.page.get_by_role("dialog")).to_have_count(0)
    expect(person.status()).to_contain_text("Gesynchroniseerd")
    expect(person.status()).to_contain_text("1 permissie · 1 automation")
    found = person.spotler("GET", f"/contacts/{contact_id}")
    assert found["permissions"] == ["Yoobi Maandelijkse nieuwsbrief"]
    assert found["properties"]["lastName"] == "Öztürk"
    assert [each["automation"] for each in person.enrolments(contact_id)] == ["download e-book"]

    modal = person.open_modal("Öztürk")
    started = person.switch(modal, "Spotler automations", "download e-book")
    expect(started).to_be_checked()
    expect(started).to_be_disabled()


def test_a_wrong_key_says_what_to_do(person: Person) -> None:
    admin = person.connect()
    press(admin.get_by_role("button", name="Vervangen"))
    admin.get_by_label("Authentication key").fill(KEY)
    admin.get_by_label("Authentication secret").fill("fout")
    press(admin.locator("#connection-form").get_by_role("button", name="Opslaan"))
    expect(admin.get_by_text("Spotler herkent deze key en secret niet")).to_be_visible()
    expect(admin.get_by_label("Authentication key")).to_have_value(KEY)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Manders", "Dit e-mailadres hoort ook bij An Dermans"),
        ("Meld", "Inactief"),
        ("Boons", "Inactief"),
        ("Have", "Geen e-mailadres"),
    ],
)
def test_what_stands_in_the_way_is_said(person: Person, name: str, text: str) -> None:
    person.connect()
    modal = person.open_modal(name)
    save = modal.get_by_role("button", name="Opslaan")
    if save.count() and save.is_enabled():
        save.click()
    expect(modal.locator("body")).to_contain_text(text)


def test_cancelling_changes_nothing(person: Person) -> None:
    person.connect()
    modal = person.open_modal("Bloem")
    contact_id = person.contact_id()
    person.switch(modal, "Spotler permissies", "Yoobi Beheerder").check()
    expect(modal.get_by_text("1 wijziging")).to_be_visible()
    modal.get_by_role("button", name="Annuleren").click()
    modal.get_by_role("dialog").locator("button[value=yes]").click()
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    assert person.spotler("GET", f"/calls?contact={contact_id}&method=POST")["calls"] == []


def test_spotler_away_while_saving_keeps_the_change(person: Person) -> None:
    person.connect()
    modal = person.open_modal("Lang")
    contact_id = person.contact_id()
    fault = {"kind": "unavailable", "path": "/contact/list", "times": 1, "retry_after": None}
    person.spotler("POST", "/faults", fault)
    person.switch(modal, "Spotler permissies", "Onboarding").check()
    modal.get_by_role("button", name="Opslaan").click()
    expect(modal.locator("body")).to_contain_text("Spotler is nu niet bereikbaar")
    expect(person.page.get_by_role("dialog")).to_have_count(0, timeout=40_000)
    assert person.spotler("GET", f"/contacts/{contact_id}")["permissions"] == ["Onboarding"]


def test_the_keyboard_alone(person: Person) -> None:
    person.connect()
    block = person.open_contact("Bente")
    block.focus()
    with person.reading():
        person.page.keyboard.press("Enter")
    modal = person.page.frame_locator("dialog iframe")
    first = person.switch(modal, "Spotler permissies", "Yoobi Kwartaal nieuwsbrief")
    pressed = 0
    while not first.evaluate("each => each === document.activeElement"):
        person.page.keyboard.press("Tab")
        pressed += 1
        assert pressed < 25, "the switch is reached with Tab"
    person.page.keyboard.press("Space")
    expect(first).to_be_checked()
    person.page.keyboard.press("Enter")
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    expect(person.status()).to_contain_text("Gesynchroniseerd")
    with person.reading():
        person.page.frame_locator("iframe").get_by_role("button").first.press("Enter")
    person.page.keyboard.press("Escape")
    expect(person.page.get_by_role("dialog")).to_have_count(0)


def test_saving_before_spotler_was_read(person: Person) -> None:
    """An impatient person loses nothing, although the screen was still filling."""
    person.connect()
    person.spotler("PUT", "/settings", {"latency": 1.0})
    press(person.open_contact("Wit"))
    modal = person.page.frame_locator("dialog iframe")
    person.switch(modal, "Spotler permissies", "Yoobi Beheerder").check()
    modal.get_by_role("button", name="Opslaan").click()
    expect(person.page.get_by_role("dialog")).to_have_count(0, timeout=30_000)
    found = person.spotler("GET", f"/contacts/{person.contact_id()}")
    assert found["permissions"] == ["Yoobi Beheerder"]


def test_nothing_can_be_pressed_until_the_script_listens(person: Person) -> None:
    held: list[Route] = []
    person.connect()
    person.page.route("**/vendor/htmx-*", lambda route: held.append(route))
    person.page.goto(f"{person.stack.crm_url}/contacts?q=Öztürk")
    person.page.get_by_role("link", name="Öztürk").first.click()
    widget = person.page.frame_locator("iframe").locator("#widget")
    expect(widget.locator("button")).to_be_visible()
    expect(widget).to_have_attribute("inert", "")
    held.pop().continue_()
    expect(widget).not_to_have_attribute("inert", "")
    widget.get_by_role("button").click()
    expect(person.page.get_by_role("dialog")).to_be_visible()
