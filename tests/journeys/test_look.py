"""Each widget in each look, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.look import check_all, frame_of
from tests.journeys.person import Person, press

pytestmark = pytest.mark.browser


@pytest.fixture(params=["nl", "en"])
def language(request: pytest.FixtureRequest, looking: Person) -> str:
    looking.connect()
    looking.speak(request.param)
    return str(request.param)


def test_the_data_block_and_the_modal(looking: Person, language: str) -> None:
    looking.open_modal("Österbaan")
    check_all(looking.page, frame_of(looking.page, "dialog iframe"))
    check_all(looking.page, frame_of(looking.page, "iframe >> nth=0"))


@pytest.mark.parametrize("name", ["Meld", "Have", "Manders"])
def test_the_modal_when_something_stands_in_the_way(looking: Person, name: str) -> None:
    looking.connect()
    looking.open_modal(name)
    check_all(looking.page, frame_of(looking.page, "dialog iframe"))


def test_the_admin_widget(looking: Person, language: str) -> None:
    looking.page.goto(f"{looking.stack.crm_url}/preferences/spotler")
    admin = looking.page.frame_locator("iframe")
    screens = admin.get_by_role("navigation").get_by_role("button")
    expect(screens.first).to_be_visible()
    for number in range(screens.count()):
        with looking.page.expect_response(lambda answer: "127.0.0.1" in answer.url):
            press(screens.nth(number))
        expect(screens.nth(number)).to_have_attribute("aria-current", "page")
        check_all(looking.page)
