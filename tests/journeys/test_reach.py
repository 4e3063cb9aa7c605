"""On long screens what is needed is in reach, nothing focused is hidden, and nothing jumps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from benchmarks.still import MOST, WATCH, Look
from demo.stack import Stack
from tests.journeys.conftest import PATIENCE
from tests.journeys.person import Person, answer, press
from tests.journeys.test_mapping import WORKING, editor

pytestmark = pytest.mark.browser

LOW = ViewportSize(width=1280, height=600)


@pytest.fixture
def low(browser: Browser, stack: Stack) -> Iterator[Person]:
    """Somebody with a low window, in which no long screen fits."""
    context = browser.new_context(locale="nl-NL", viewport=LOW)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(WATCH)
    person = Person(context.new_page(), stack)
    person.begin_anew()
    yield person
    context.close()


def scroll(page: Page, place: float) -> None:
    """To a part of the CRM's page, from 0 (top) to 1 (bottom)."""
    page.evaluate("place => scrollTo(0, place * document.body.scrollHeight)", place)


def is_in_window(element: Locator) -> None:
    expect(element).to_be_in_viewport(ratio=0.9)


def test_the_buttons_of_a_long_screen_are_where_the_person_looks(low: Person) -> None:
    admin, page = editor(low), low.page
    for place in (0, 0.4, 1, 0.2):
        scroll(page, place)
        is_in_window(admin.locator("#save"))
    admin.get_by_label("Functie", exact=True).select_option("functie")
    admin.get_by_label("Afdeling", exact=True).select_option("functie")
    expect(admin.locator(".map-line.changed")).to_have_count(2)
    press(admin.locator("#save"))

    summary = admin.get_by_role("button", name="Afdeling: ")
    is_in_window(summary)
    press(summary)
    expect(admin.get_by_label("Afdeling", exact=True)).to_be_focused()
    is_in_window(admin.get_by_label("Afdeling", exact=True))

    scroll(page, 1)
    admin.get_by_role("button", name="Overzicht").evaluate("button => button.click()")
    question = admin.get_by_role("dialog")
    is_in_window(question)
    answer(question, "Annuleren")
    is_in_window(admin.locator("#save"))


def test_leaving_a_preview_with_changes_asks(low: Person) -> None:
    admin = editor(low)
    admin.get_by_label("Functie", exact=True).select_option("functie")
    press(admin.locator("#save"))
    expect(admin.locator("#confirm")).to_be_visible(timeout=WORKING)
    press(admin.get_by_role("button", name="Overzicht"))
    question = admin.get_by_role("dialog")
    expect(question).to_contain_text("Toch weggaan?")
    answer(question, "Weggaan zonder opslaan")
    expect(admin.locator("#to-overview")).to_have_attribute("aria-current", "page")


def test_escape_gives_the_focus_back_to_the_block(low: Person) -> None:
    modal = low.open_modal("Österbaan")
    modal.locator("#cancel").press("Escape")
    expect(low.page.get_by_role("dialog")).to_have_count(0)
    expect(low.page.frame_locator("iframe").locator("#open")).to_be_focused()


def test_nothing_jumps_and_nothing_focused_is_hidden(low: Person) -> None:
    low.connect()
    look = Look(low)
    with look.screen("data block"):
        low.open_contact("Österbaan")
    with look.screen("modal", "dialog iframe"):
        low.open_modal("Österbaan")
    with look.screen("mapping"):
        editor(low)
    assert max(look.found.shifts.values()) <= MOST, look.found.moved
    assert look.found.hidden == []
