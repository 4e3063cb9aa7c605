"""Ticking contacts in a browser: by mouse and keyboard, over pages, and without losing one."""

import re
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from demo.crm.server import DemoCrm
from tests.crm_demo.test_accessibility import OPTIONS

pytestmark = pytest.mark.browser
ALL_BOXES = "Alles op deze pagina selecteren"


@pytest.fixture
def contacts(page: Page, running: DemoCrm) -> Page:
    """The list of forty contacts, at its first page."""
    page.goto(f"{running.origin}/contacts")
    expect(page.get_by_label(ALL_BOXES)).to_be_visible()
    return page


@dataclass
class Gate:
    """Holds what the list saves until it is opened."""

    page: Page
    opened: bool = False
    held: list[Route] = field(default_factory=list)

    def close(self) -> None:
        """From now on saves wait."""
        self.opened = False
        self.page.route("**/ticks", self.pass_or_hold)

    def pass_or_hold(self, route: Route) -> None:
        """One save arrived."""
        if self.opened:
            route.continue_()
        else:
            self.held.append(route)

    def open(self) -> None:
        """Let all through, also those that are still to come."""
        self.opened = True
        while self.held:
            self.held.pop().continue_()


def boxes(page: Page) -> Locator:
    """The boxes of the rows."""
    return page.locator("tbody").get_by_role("checkbox")


def bar(page: Page) -> Locator:
    """How many are selected, and what can be done."""
    return page.get_by_role("region", name="Selectie")


def selected(page: Page, words: str) -> None:
    """Wait until the bar says so."""
    expect(bar(page).get_by_role("status")).to_have_text(words)


def button(page: Page, name: str) -> Locator:
    """A button of the bar."""
    return bar(page).get_by_role("button", name=name, exact=True)


def test_the_bar_counts_and_offers_what_can_be_done(contacts: Page) -> None:
    selected(contacts, "Nog niemand geselecteerd")
    expect(button(contacts, "Bulkmutatie")).to_be_disabled()
    expect(button(contacts, "Selectie wissen")).to_be_hidden()
    boxes(contacts).first.check()
    selected(contacts, "1 contactpersoon geselecteerd")
    expect(button(contacts, "Bulkmutatie")).to_be_enabled()
    boxes(contacts).nth(1).check()
    selected(contacts, "2 contactpersonen geselecteerd")
    boxes(contacts).nth(0).uncheck()
    boxes(contacts).nth(1).uncheck()
    expect(button(contacts, "Bulkmutatie")).to_be_disabled()


def test_the_box_of_the_page(contacts: Page) -> None:
    everything = contacts.get_by_label(ALL_BOXES)
    boxes(contacts).nth(4).check()
    expect(everything).to_have_js_property("indeterminate", True)
    everything.check()
    selected(contacts, "25 contactpersonen geselecteerd")
    expect(boxes(contacts).and_(contacts.locator(":checked"))).to_have_count(25)
    boxes(contacts).nth(4).uncheck()
    expect(everything).not_to_be_checked()
    selected(contacts, "24 contactpersonen geselecteerd")


def test_ticks_survive_paging_searching_and_going_back(contacts: Page) -> None:
    boxes(contacts).first.check()
    contacts.get_by_role("link", name="Volgende pagina").click()
    contacts.wait_for_url(re.compile("page=2"))
    boxes(contacts).nth(2).check()
    selected(contacts, "2 contactpersonen geselecteerd")
    contacts.get_by_label("Zoeken").fill("zoe")
    contacts.get_by_label("Zoeken").press("Enter")
    contacts.wait_for_url(re.compile("q=zoe"))
    selected(contacts, "2 contactpersonen geselecteerd")
    expect(boxes(contacts)).to_have_count(1)
    boxes(contacts).first.uncheck()
    selected(contacts, "1 contactpersoon geselecteerd")
    contacts.go_back()
    contacts.go_back()
    expect(boxes(contacts)).to_have_count(25)
    expect(boxes(contacts).first).not_to_be_checked()
    selected(contacts, "1 contactpersoon geselecteerd")


def test_who_goes_on_at_once_loses_no_tick(contacts: Page) -> None:
    gate = Gate(contacts)
    gate.close()
    with contacts.expect_request("**/ticks"):
        boxes(contacts).first.check()
    boxes(contacts).nth(1).check()
    boxes(contacts).nth(2).check()
    boxes(contacts).nth(1).uncheck()
    contacts.get_by_role("link", name="Volgende pagina").click()
    gate.open()
    contacts.wait_for_url(re.compile("page=2"))
    selected(contacts, "2 contactpersonen geselecteerd")
    gate.close()
    with contacts.expect_request("**/ticks"):
        boxes(contacts).first.check()
    contacts.get_by_label("Zoeken").fill("zoe")
    contacts.get_by_role("button", name="Zoek").click()
    gate.open()
    contacts.wait_for_url(re.compile("q=zoe"))
    selected(contacts, "3 contactpersonen geselecteerd")


def test_a_choice_that_was_not_saved_is_told(contacts: Page) -> None:
    contacts.route("**/ticks", lambda route: route.abort())
    boxes(contacts).first.check()
    expect(contacts.get_by_role("alert")).to_contain_text("Je keuze is niet bewaard.")
    contacts.unroute("**/ticks")
    boxes(contacts).nth(1).check()
    expect(contacts.get_by_role("alert")).to_be_hidden()
    contacts.reload()
    selected(contacts, "2 contactpersonen geselecteerd")


def test_everybody_and_nobody(contacts: Page) -> None:
    button(contacts, "Alle 40 contactpersonen selecteren").click()
    selected(contacts, "40 contactpersonen geselecteerd")
    expect(contacts.get_by_label(ALL_BOXES)).to_be_checked()
    expect(button(contacts, "Alle 40 contactpersonen selecteren")).to_be_hidden()
    expect(button(contacts, "Bulkmutatie")).to_be_focused()
    boxes(contacts).nth(3).uncheck()
    selected(contacts, "39 contactpersonen geselecteerd")
    contacts.get_by_role("link", name="Volgende pagina").click()
    contacts.wait_for_url(re.compile("page=2"))
    expect(contacts.get_by_label(ALL_BOXES)).to_be_checked()
    selected(contacts, "39 contactpersonen geselecteerd")
    button(contacts, "Selectie wissen").click()
    selected(contacts, "Nog niemand geselecteerd")
    expect(button(contacts, "Alle 40 contactpersonen selecteren")).to_be_focused()
    expect(contacts.get_by_label(ALL_BOXES)).not_to_be_checked()


def test_everybody_that_was_found(contacts: Page, running: DemoCrm) -> None:
    found = running.data.contacts.count("wit")
    contacts.get_by_label("Zoeken").fill("wit")
    contacts.get_by_label("Zoeken").press("Enter")
    button(contacts, f"Alle {found} gevonden contactpersonen selecteren").click()
    selected(contacts, f"{found} contactpersonen geselecteerd")


def test_the_keyboard_alone(contacts: Page) -> None:
    boxes(contacts).nth(1).focus()
    contacts.keyboard.press("Space")
    for _ in range(6):
        contacts.keyboard.press("Tab")
    expect(boxes(contacts).nth(4)).to_be_focused()
    contacts.keyboard.press("Shift+Space")
    selected(contacts, "4 contactpersonen geselecteerd")
    contacts.keyboard.press("Enter")
    contacts.wait_for_url(re.compile("/bulk$"))
    selected(contacts, "4 contactpersonen geselecteerd")


def test_a_range_by_the_mouse(contacts: Page) -> None:
    boxes(contacts).nth(6).click()
    boxes(contacts).nth(2).click(modifiers=["Shift"])
    selected(contacts, "5 contactpersonen geselecteerd")


def test_nothing_that_has_the_focus_is_hidden_under_the_bar(contacts: Page) -> None:
    boxes(contacts).first.focus()
    for _ in range(49):
        contacts.keyboard.press("Tab")
        focused, top = contacts.evaluate(
            "[document.activeElement.getBoundingClientRect().bottom,"
            " document.querySelector('.actions').getBoundingClientRect().top]"
        )
        assert focused <= top


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("dark", 320)])
def test_it_is_fit_for_everybody(contacts: Page, scheme: str, width: int) -> None:
    contacts.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    contacts.set_viewport_size({"width": width, "height": 800})
    for ticked in (False, True):
        boxes(contacts).first.set_checked(ticked)
        # Nor may axe read the plugin's stylesheet by itself: the CRM's policy says so.
        found = Axe().run(contacts, options=OPTIONS | {"preload": False})
        assert found.violations_count == 0, found.generate_report()
        assert contacts.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    expect(button(contacts, "Bulkmutatie")).to_be_in_viewport()
