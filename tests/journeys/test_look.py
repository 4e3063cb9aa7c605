"""Each widget in light and dark, narrow, in both languages: axe is content, nothing overflows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, expect

from demo.stack import Stack
from tests.journeys.conftest import PATIENCE
from tests.journeys.person import Person, press

pytestmark = pytest.mark.browser

LOOKS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 320, "height": 900}},
}


@pytest.fixture(params=LOOKS)
def looking(request: pytest.FixtureRequest, browser: Browser, stack: Stack) -> Iterator[Person]:
    context = browser.new_context(locale="nl-NL", **LOOKS[request.param])
    context.set_default_timeout(PATIENCE)
    person = Person(context.new_page(), stack)
    person.begin_anew()
    person.connect()
    yield person
    context.close()


@pytest.fixture(params=["nl", "en"])
def language(request: pytest.FixtureRequest, looking: Person) -> str:
    looking.speak(request.param)
    return str(request.param)


def check(page: Page, frame: Frame) -> None:
    """The frame itself is examined, not the page around it."""
    results = Axe().run(frame)
    assert results.violations_count == 0, results.generate_report()
    wider = frame.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0, f"{wider} px wider than its frame"


def frame_of(page: Page, selector: str) -> Frame:
    frame = page.locator(selector).element_handle().content_frame()
    assert frame is not None
    return frame


def test_the_data_block_and_the_modal(looking: Person, language: str) -> None:
    looking.open_modal("Österbaan")
    check(looking.page, frame_of(looking.page, "dialog iframe"))
    check(looking.page, frame_of(looking.page, "iframe >> nth=0"))


@pytest.mark.parametrize("name", ["Meld", "Have", "Manders"])
def test_the_modal_when_something_stands_in_the_way(looking: Person, name: str) -> None:
    looking.open_modal(name)
    check(looking.page, frame_of(looking.page, "dialog iframe"))


def test_the_admin_widget(looking: Person, language: str) -> None:
    looking.page.goto(f"{looking.stack.crm_url}/preferences/spotler")
    admin = looking.page.frame_locator("iframe")
    screens = admin.get_by_role("navigation").get_by_role("button")
    expect(screens.first).to_be_visible()
    for number in range(screens.count()):
        with looking.page.expect_response(lambda answer: "127.0.0.1" in answer.url):
            press(screens.nth(number))
        expect(screens.nth(number)).to_have_attribute("aria-current", "page")
        check(looking.page, frame_of(looking.page, "iframe"))
