"""A key of another account: the administrator is asked, and may go back or on, by keyboard too."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, expect

from tests.journeys.look import check, frame_of
from tests.journeys.person import KEY, SECRET, Person, answer, press

pytestmark = pytest.mark.browser

SEED = 7
"""With it the sandbox is another account: everybody has another id there."""
WIDTHS = 1280, 320


@pytest.fixture
def asked(person: Person) -> FrameLocator:
    """The settings, after the key of another account was saved."""
    person.connect()
    modal = person.open_modal("Österbaan")
    person.switch(modal, "Spotler permissies", "Yoobi Maandelijkse nieuwsbrief").check()
    modal.get_by_role("button", name="Opslaan").click()
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    expect(person.status()).to_contain_text("Gesynchroniseerd")
    person.spotler("POST", "/reset", {"seed": SEED, "empty": True})
    return replace_key(person)


def replace_key(person: Person) -> FrameLocator:
    admin = person.open_settings()
    press(admin.get_by_role("button", name="Vervangen"))
    admin.get_by_label("Authentication key").fill(KEY)
    admin.get_by_label("Authentication secret").fill(SECRET)
    press(admin.locator("#connection-form").get_by_role("button", name="Opslaan"))
    expect(admin.get_by_text("Dit is een ander Spotler-account.", exact=True)).to_be_visible()
    return admin


def test_the_question_and_both_answers(person: Person, asked: FrameLocator) -> None:
    for width in WIDTHS:
        person.page.set_viewport_size({"width": width, "height": 900})
        check(person.page, frame_of(person.page, "iframe"))

    # The question has the focus; the next stops are its answers.
    person.page.keyboard.press("Tab")
    expect(asked.get_by_role("button", name="Zelfde contactpersonen")).to_be_focused()
    person.page.keyboard.press("Tab")
    expect(asked.get_by_role("button", name="Opnieuw beginnen")).to_be_focused()
    person.page.keyboard.press("Tab")
    back = asked.get_by_role("button", name="Oude key terugzetten")
    expect(back).to_be_focused()
    person.page.keyboard.press("Enter")
    expect(asked.get_by_text("Verbonden met Spotler.", exact=True)).to_be_visible()

    admin = replace_key(person)
    press(admin.get_by_role("button", name="Opnieuw beginnen"))
    answer(admin.get_by_role("dialog"), "Ontkoppelen")
    expect(admin.get_by_text("Verbonden met Spotler.", exact=True)).to_be_visible()
    person.open_contact("Österbaan")
    expect(person.status()).to_contain_text("Niet gesynchroniseerd")
