"""The session ends while somebody works: it is renewed through the CRM, and nothing is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, Request, Route, expect

from tests.journeys.look import frame_of
from tests.journeys.person import Person, press
from tests.journeys.test_runs import synchronised

pytestmark = pytest.mark.browser


def refuse_first(person: Person, path: str) -> list[int]:
    """The first request there is answered as if its session had ended; counts all."""
    asked: list[int] = []

    def answer(route: Route) -> None:
        asked.append(len(asked) + 1)
        if asked == [1]:
            route.fulfill(status=401, headers={"HX-Trigger": "session-expired"})
        else:
            route.continue_()

    person.page.route(path, answer)
    return asked


def changed(person: Person, name: str) -> FrameLocator:
    """This contact's modal, with a permission switched on and not saved."""
    person.connect()
    modal = person.open_modal(name)
    person.switch(modal, "Spotler permissies", "Onboarding").check()
    return modal


def test_what_came_too_late_is_sent_again(person: Person) -> None:
    modal = changed(person, "Visser")
    asked = refuse_first(person, "**/contact-modal/save")
    modal.get_by_role("button", name="Opslaan").click()
    expect(person.page.get_by_role("dialog")).to_have_count(0)
    assert asked == [1, 2]
    found = person.spotler("GET", f"/contacts/{person.contact_id()}")
    assert found["permissions"] == ["Onboarding"]


def test_without_a_new_session_it_says_so_and_keeps_the_change(person: Person) -> None:
    modal = changed(person, "Mulder")
    asked = refuse_first(person, "**/contact-modal/save")
    person.page.route("**/session", lambda route: route.fulfill(status=403))
    modal.get_by_role("button", name="Opslaan").click()
    expect(modal.locator("#notices")).to_contain_text("Je sessie is verlopen")
    expect(modal.locator("#notices")).to_be_in_viewport()
    expect(person.switch(modal, "Spotler permissies", "Onboarding")).to_be_checked()
    expect(modal.get_by_text("1 wijziging")).to_be_visible()
    assert asked == [1]


def test_a_token_that_the_crm_refuses_is_told_at_once_and_asked_again(person: Person) -> None:
    person.connect()
    person.page.route("**/widget-token", lambda route: route.fulfill(status=500))
    person.page.goto(f"{person.stack.crm_url}/preferences/spotler")
    again = person.page.get_by_role("button", name="Opnieuw proberen")
    # A silent frame would be waited for.
    expect(again).to_be_visible(timeout=8000)
    person.page.unroute("**/widget-token")
    again.click()
    admin = person.page.frame_locator("iframe")
    expect(admin.get_by_role("navigation")).to_be_visible()


def test_a_file_comes_with_a_new_session_too(person: Person) -> None:
    admin = synchronised(person)
    asked = refuse_first(person, "**/outcomes*")
    with person.page.expect_download() as download:
        press(admin.get_by_role("button", name="Downloaden als CSV"))
    assert download.value.suggested_filename.startswith("synchronisatie-")
    assert asked == [1, 2]


def test_the_token_is_nowhere_but_in_the_script(person: Person) -> None:
    headers: list[str] = []
    person.connect()

    def note(request: Request) -> None:
        headers.append(request.headers.get("authorization", ""))

    person.page.on("request", note)
    person.open_settings()
    expect(person.page.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
    [token] = {header.removeprefix("Bearer ") for header in headers if header}
    kept = frame_of(person.page).evaluate("""() => [
      document.documentElement.outerHTML,
      document.cookie,
      location.href,
      ...Object.values(Object.getOwnPropertyDescriptors(window))
        .map(({ value }) => value).filter((value) => typeof value === "string"),
    ]""")
    assert len(token) > 20
    assert not [place for place in kept if token in place]
