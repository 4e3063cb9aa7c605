"""The bulk mutation in a browser, from ticks to the notice, with a plugin that only talks."""

import re

import pytest
from playwright.sync_api import Dialog, Frame, Page, expect

from demo.crm.server import DemoCrm
from tests.crm_demo.fake_plugin import FakePlugin
from tests.crm_demo.widgets import say, widget

pytestmark = pytest.mark.browser


def step_one(page: Page, running: DemoCrm) -> None:
    """Everything on the first page, ticked."""
    page.goto(f"{running.origin}/contacts")
    page.get_by_label("Alles op deze pagina selecteren").check()
    page.get_by_role("button", name="Bulkmutatie").click()
    expect(page.get_by_role("button", name="Volgende", exact=True)).to_be_enabled()
    # By the script, which listens by then.
    expect(page.get_by_label("Alles op deze pagina selecteren")).to_be_checked()


def step_two(page: Page, running: DemoCrm) -> Frame:
    """The widget, ready."""
    step_one(page, running)
    page.get_by_role("button", name="Volgende", exact=True).click()
    expect(page.get_by_role("heading", level=2)).to_have_text(
        "Wijzig instellingen voor 25 contactpersonen"
    )
    return widget(page, "bulk-step")


def test_the_steps_say_where_one_is(page: Page, running: DemoCrm) -> None:
    step_one(page, running)
    current = page.locator("[aria-current=step]")
    expect(current).to_have_text("Selecteer contactpersonen")
    page.get_by_role("button", name="Volgende", exact=True).press("Enter")
    expect(current).to_have_text("Wijzig instellingen")


def test_somebody_is_left_out_in_step_one(page: Page, running: DemoCrm, plugin: FakePlugin) -> None:
    step_one(page, running)
    page.get_by_label("Zoë van der Österbaan selecteren").uncheck()
    expect(page.get_by_role("region", name="Selectie")).to_contain_text("24 contactpersonen")
    page.get_by_role("button", name="Volgende", exact=True).click()
    widget(page, "bulk-step")
    selection_id = plugin.launches[0]["resource"]["id"]
    assert running.data.selections.ids(selection_id, 0, 100) == running.data.contacts.ids("")[1:25]


def test_nobody_left_leads_nowhere(page: Page, running: DemoCrm) -> None:
    step_one(page, running)
    page.get_by_label("Alles op deze pagina selecteren").uncheck()
    expect(page.get_by_role("button", name="Volgende", exact=True)).to_be_disabled()


def test_to_cancel_keeps_the_ticks(page: Page, running: DemoCrm) -> None:
    step_one(page, running)
    page.get_by_role("link", name="Annuleren").click()
    expect(page.get_by_role("region", name="Selectie")).to_contain_text("25 contactpersonen")
    expect(page.get_by_label("Alles op deze pagina selecteren")).to_be_checked()


def test_the_widget_is_launched_on_the_selection(
    page: Page, running: DemoCrm, plugin: FakePlugin
) -> None:
    step_two(page, running)
    [claims] = plugin.launches
    assert (claims["widget"], claims["sub"]) == ("bulk-step", "u-devries")
    assert claims["resource"]["type"] == "selection"
    selection = running.data.selections.find(claims["resource"]["id"])
    assert selection is not None
    assert selection.total == 25


def test_who_may_edit_may_do_all_of_it(page: Page, running: DemoCrm, plugin: FakePlugin) -> None:
    page.goto(running.origin)
    page.get_by_label("Gebruiker").select_option("u-jansen")
    page.get_by_role("button", name="Wisselen").click()
    step = step_two(page, running)
    assert plugin.launches[0]["permission"] == "edit"
    say(step, "wizard.done", {"run": "12"})
    notice = page.get_by_text("Bulkmutatie gestart voor 25 contactpersonen.")
    expect(notice).to_contain_text("De beheerder ziet het verloop onder Synchronisaties.")


def test_the_end_is_a_notice_in_the_list(page: Page, running: DemoCrm) -> None:
    step = step_two(page, running)
    say(step, "dirty", {"dirty": True})
    # Said twice, the mutation is told of once.
    step.evaluate("for (const _ of [1, 2]) say('wizard.done', {run: '12'})")
    page.wait_for_url(re.compile("/contacts$"))
    notice = page.get_by_text("Bulkmutatie gestart voor 25 contactpersonen.")
    expect(notice).to_have_count(1)
    bar = page.get_by_role("region", name="Selectie")
    expect(bar).to_contain_text("Nog niemand geselecteerd")
    notice.get_by_role("link", name="Systeemvoorkeuren › Spotler").click()
    widget(page, "admin")


def test_going_back_with_changes_is_asked(page: Page, running: DemoCrm) -> None:
    asked: list[str] = []
    answers = [False, True]

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        if answers.pop(0):
            dialog.accept()
        else:
            dialog.dismiss()

    page.on("dialog", answer)
    step = step_two(page, running)
    page.frame_locator("iframe").get_by_role("button").click()
    say(step, "dirty", {"dirty": True})
    # The page heard it before it hears the next.
    say(step, "toast", {"level": "info", "text": "Gehoord."})
    expect(page.get_by_text("Gehoord.")).to_be_visible()
    back = page.get_by_role("link", name="Vorige stap")
    back.click(no_wait_after=True)
    expect(page.locator("iframe")).to_be_visible()
    back.click()
    page.wait_for_url(re.compile("/bulk$"))
    assert asked == ["beforeunload", "beforeunload"]
    expect(page.get_by_role("region", name="Selectie")).to_contain_text("25 contactpersonen")


def test_going_back_without_changes_asks_nothing(page: Page, running: DemoCrm) -> None:
    step_two(page, running)
    page.get_by_role("link", name="Vorige stap").click()
    page.wait_for_url(re.compile("/bulk$"))
