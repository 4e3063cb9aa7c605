"""The embed script in a real browser, in the demo CRM's pages, against a plugin that only talks."""

import re
from typing import Any

import pytest
from playwright.sync_api import Dialog, Frame, Page, Route, expect

from demo.crm.server import DemoCrm
from tests.crm_demo.conftest import eventually
from tests.crm_demo.fake_plugin import FakePlugin
from tests.crm_demo.widgets import awake, say, widget

pytestmark = pytest.mark.browser


@pytest.fixture
def zoe_page(page: Page, running: DemoCrm) -> str:
    """The first contact's page, with the data block ready."""
    contact = running.data.contacts.ids("")[0]
    page.goto(f"{running.origin}/contacts/{contact}")
    widget(page, "data-block")
    return contact


def modal(page: Page) -> Frame:
    """The frame in the dialog, after a click on the data block."""
    block = widget(page, "data-block")
    block.get_by_role("button").click()
    page.frame_locator("dialog iframe").get_by_role("heading").wait_for()
    handle = page.locator("dialog iframe").element_handle().content_frame()
    assert handle is not None
    return awake(handle)


def heard(frame: Frame, kind: str) -> list[dict[str, Any]]:
    """What a widget heard from the CRM."""
    messages: list[dict[str, Any]] = frame.evaluate("heard")
    return [message["payload"] for message in messages if message["type"] == kind]


def hears(page: Page, frame: Frame, kind: str, times: int = 1) -> dict[str, Any]:
    """Wait until a widget heard something, and give the last of it."""
    for _ in range(100):
        if len(messages := heard(frame, kind)) >= times:
            return messages[-1]
        page.wait_for_timeout(20)
    raise AssertionError(f"{kind} was not heard {times} times: {heard(frame, kind)}")


def test_a_widget_is_launched_by_a_form(
    page: Page, running: DemoCrm, plugin: FakePlugin, zoe_page: str
) -> None:
    [claims] = plugin.launches
    assert claims["origin"] == running.origin
    assert claims["resource"] == {"type": "contact", "id": zoe_page}
    assert len(claims["channel"]) >= 16
    frame = page.locator("iframe")
    expect(frame).to_have_attribute("title", "Spotler")
    expect(frame).to_have_attribute(
        "sandbox",
        "allow-scripts allow-forms allow-same-origin allow-popups allow-downloads",
    )
    assert claims["channel"] not in (frame.get_attribute("name") or "")
    expect(frame).to_have_css("height", "90px")
    assert page.locator("form[action*=launch]").count() == 0


def test_messages_of_nobody_are_ignored(page: Page, zoe_page: str) -> None:
    block, frame = widget(page, "data-block"), page.locator("iframe")
    say(block, "resize", {"height": 500}, channel="another-channel")
    say(block, "resize", {"height": 500}, v=2)
    say(block, "resize", {"height": "500"})
    say(block, "self.destroy")
    say(block, "resize", None)
    page.evaluate("window.postMessage({v: 1, channel: '', type: 'resize', payload: {height: 500}})")
    say(block, "resize", {"height": 120})
    expect(frame).to_have_css("height", "120px")


def test_only_the_own_contact_is_opened(page: Page, zoe_page: str) -> None:
    block = widget(page, "data-block")
    other = {"widget": "contact-modal", "resource": {"type": "contact", "id": "other"}}
    say(block, "modal.open", other)
    mine = {"type": "contact", "id": zoe_page}
    say(block, "modal.open", {"widget": "admin", "resource": mine})
    say(block, "modal.open", {"widget": "contact-modal"})
    page.wait_for_timeout(200)
    assert page.locator("dialog").count() == 0


def test_the_modal_is_a_labelled_dialog(page: Page, plugin: FakePlugin, zoe_page: str) -> None:
    modal(page)
    expect(page.get_by_role("dialog", name="Spotler")).to_be_visible()
    block_launch, modal_launch = plugin.launches
    assert modal_launch["widget"] == "contact-modal"
    assert modal_launch["resource"] == block_launch["resource"]
    assert modal_launch["channel"] != block_launch["channel"]
    focused = "document.activeElement === document.querySelector('dialog iframe')"
    page.wait_for_function(focused)


def test_escape_in_the_widget_closes_and_gives_the_focus_back(page: Page, zoe_page: str) -> None:
    modal(page).locator("button").press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.wait_for_function("document.activeElement === document.querySelector('.block iframe')")


def test_escape_outside_asks_first_when_something_is_unsaved(page: Page, zoe_page: str) -> None:
    asked: list[str] = []
    answers = [False, False, True]

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        if answers.pop(0):
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    say(modal(page), "dirty", {"dirty": True})
    close = page.get_by_role("button", name="Sluiten")
    close.press("Escape")
    close.press("Escape")
    expect(page.locator("dialog")).to_have_count(1)
    close.click()
    expect(page.locator("dialog")).to_have_count(0)
    assert len(asked) == 3
    assert "nog niet opgeslagen" in asked[0]


def test_closing_without_changes_asks_nothing(page: Page, zoe_page: str) -> None:
    modal(page)
    page.get_by_role("button", name="Sluiten").press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def test_a_saved_contact_refreshes_its_data_block(page: Page, zoe_page: str) -> None:
    block, dialog = widget(page, "data-block"), modal(page)
    say(dialog, "contact.synced", {"id": "another", "status": "synced"})
    say(dialog, "contact.synced", {"id": zoe_page, "status": "synced"})
    hears(page, block, "refresh")
    say(dialog, "modal.close", {"result": "saved"})
    hears(page, block, "refresh", times=2)
    assert len(heard(block, "refresh")) == 2


def test_a_session_is_renewed_through_the_crm(
    page: Page, plugin: FakePlugin, zoe_page: str
) -> None:
    block = widget(page, "data-block")
    say(block, "token.request")
    token = hears(page, block, "token.response")["token"]
    assert token.count(".") == 2


def test_a_widget_out_of_sight_is_told(page: Page, zoe_page: str) -> None:
    block = widget(page, "data-block")
    assert hears(page, block, "visibility") == {"visible": True}
    page.set_viewport_size({"width": 320, "height": 400})
    page.evaluate("scrollTo(0, 0)")
    assert hears(page, block, "visibility", times=2) == {"visible": False}
    page.locator("iframe").scroll_into_view_if_needed()
    assert hears(page, block, "visibility", times=3) == {"visible": True}


def test_a_widget_is_told_which_part_of_it_is_seen(page: Page, zoe_page: str) -> None:
    block = widget(page, "data-block")
    assert hears(page, block, "viewport") == {"top": 0, "height": 90}
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    before = len(heard(block, "viewport"))
    place = page.locator("iframe").evaluate("frame => frame.getBoundingClientRect().top + 30")
    page.evaluate("place => scrollTo(0, place)", place)
    assert hears(page, block, "viewport", before + 1) == {"top": 30, "height": 60}
    # What a bar of the CRM covers is not seen.
    page.evaluate("document.documentElement.style.scrollPaddingTop = '20px'; scrollBy(0, 1)")
    assert hears(page, block, "viewport", before + 2) == {"top": 51, "height": 39}


def test_a_toast_is_read_out(page: Page, zoe_page: str) -> None:
    say(widget(page, "data-block"), "toast", {"level": "success", "text": "Opgeslagen <b>."})
    expect(page.get_by_role("status")).to_contain_text("Opgeslagen <b>.")


def test_a_silent_launch_can_be_tried_again(
    page: Page, running: DemoCrm, plugin: FakePlugin
) -> None:
    held: list[Route] = []
    page.route("**/launch", lambda route: held.append(route))
    page.clock.install()
    with page.expect_request("**/launch"):
        page.goto(f"{running.origin}/contacts/{running.data.contacts.ids('')[0]}")
    page.clock.fast_forward(3_000)
    expect(page.get_by_role("status")).to_contain_text(["", "Spotler wordt geladen…"])
    page.clock.fast_forward(7_000)
    expect(page.get_by_text("Spotler kon niet worden geladen.")).to_be_visible()
    plugin.refuse_launches = True
    page.unroute("**/launch")
    page.get_by_role("button", name="Opnieuw proberen").click()
    # What was answered and says nothing is a refusal: nobody waits ten seconds for that.
    page.frame_locator("iframe").get_by_text("Geen toegang").wait_for()
    page.clock.fast_forward(500)
    expect(page.get_by_text("Spotler kon niet worden geladen.")).to_be_visible()
    plugin.refuse_launches = False
    page.get_by_role("button", name="Opnieuw proberen").click()
    widget(page, "data-block")
    expect(page.get_by_text("Spotler kon niet worden geladen.")).to_have_count(0)
    *_before, first, second = plugin.launches
    assert first["jti"] != second["jti"]
    assert first["channel"] != second["channel"]


def test_without_a_token_there_is_a_way_out(
    page: Page, running: DemoCrm, plugin: FakePlugin
) -> None:
    refused, told = "**/widget-token", page.get_by_text("Het CRM geeft nu geen toegang")
    page.route(refused, lambda route: route.fulfill(status=403, body="{}"))
    page.goto(f"{running.origin}/contacts/{running.data.contacts.ids('')[0]}")
    expect(told).to_be_visible()
    expect(page.locator("iframe")).to_be_hidden()
    page.unroute(refused)
    page.get_by_role("button", name="Opnieuw proberen").click()
    block = widget(page, "data-block")

    # The same when a session is renewed: what somebody typed in the widget stays.
    page.route(refused, lambda route: route.fulfill(status=403, body="{}"))
    say(block, "token.request")
    expect(told).to_be_visible()
    expect(page.locator("iframe")).to_be_visible()
    page.unroute(refused)
    page.get_by_role("button", name="Opnieuw proberen").click()
    assert hears(page, block, "token.response")["token"].count(".") == 2
    expect(told).to_have_count(0)


def test_a_page_without_the_plugin_still_works(
    page: Page, running: DemoCrm, plugin: FakePlugin
) -> None:
    page.route("**/spotler-embed.js", lambda route: route.abort())
    page.goto(f"{running.origin}/contacts/{running.data.contacts.ids('')[0]}")
    expect(page.get_by_text("Spotler is nu niet bereikbaar.")).to_be_visible()


def test_english_widgets(page: Page, running: DemoCrm, plugin: FakePlugin) -> None:
    page.goto(running.origin)
    page.get_by_label("Taal van de widgets").select_option("en")
    page.get_by_role("button", name="Wisselen").click()
    page.goto(f"{running.origin}/preferences/spotler")
    widget(page, "admin")
    assert plugin.launches[0]["lang"] == "en"
    assert plugin.launches[0]["resource"] == {"type": "none", "id": ""}


def test_an_automatic_action_goes_back_to_the_list(
    page: Page, running: DemoCrm, plugin: FakePlugin
) -> None:
    page.goto(f"{running.origin}/preferences/automatic-actions/new")
    editor = widget(page, "automatic-action")
    say(editor, "dirty", {"dirty": True})
    say(editor, "action.saved", {"id": "7", "name": "Welkom"})
    page.wait_for_url(re.compile("/preferences/automatic-actions$"))


def test_leaving_with_changes_is_asked(page: Page, running: DemoCrm) -> None:
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.goto(f"{running.origin}/preferences/automatic-actions/new")
    editor = widget(page, "automatic-action")
    page.frame_locator("iframe").get_by_role("button").click()
    say(editor, "dirty", {"dirty": True})
    page.wait_for_timeout(100)
    page.get_by_role("link", name="Relaties").click()
    page.wait_for_url(re.compile("/relations$"))
    eventually(lambda: asked == ["beforeunload"])
