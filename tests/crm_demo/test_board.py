"""The sales board: a sale moves by dragging and by the keyboard, and starts the phase's actions."""

import pytest
from playwright.sync_api import Browser, expect

from demo.crm.sales import PhaseAction
from demo.crm.server import DemoCrm

pytestmark = pytest.mark.browser


def test_a_sale_is_dragged_or_moved_by_the_keyboard(browser: Browser, running: DemoCrm) -> None:
    sales = running.data.sales
    sales.attach(PhaseAction("Offerte", "a-1", "Welkom"))
    sale = next(each for each in sales.newest() if each.phase != "Offerte")
    page = browser.new_page()
    page.goto(f"{running.origin}/sales")
    column = page.get_by_role("region", name="Offerte")
    expect(column).to_contain_text("Start: Welkom")
    page.locator(f"#{sale.id}").drag_to(column.get_by_role("heading"))
    expect(page.get_by_role("status")).to_contain_text("1 automatische actie gestart.")
    expect(column.locator(f"#{sale.id}")).to_be_visible()

    choice = page.locator(f"#{sale.id}").get_by_label("Verkoopfase van")
    choice.focus()
    choice.select_option("Gewonnen")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Gewonnen").locator(f"#{sale.id}")).to_be_visible()
    sent = [event for event in running.data.outbox.log() if event["type"].startswith("automatic")]
    assert len(sent) == 1
    page.close()
