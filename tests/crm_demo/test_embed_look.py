"""How the embed script's drawings look in the page of a CRM that has no style of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.crm_demo.bare_crm import DOCS, BareCrm
from tests.crm_demo.fake_plugin import STATIC, FakePlugin

pytestmark = pytest.mark.browser

Scheme = Literal["light", "dark"]
SHEET = STATIC / "spotler-embed.css"


@dataclass
class Person:
    """Looks at the CRM's page."""

    page: Page
    crm: BareCrm

    def open(self, scheme: Scheme = "light", width: int = 1280) -> Locator:
        """The page; the data block is in it."""
        self.page.emulate_media(color_scheme=scheme)
        self.page.set_viewport_size({"width": width, "height": 600})
        self.page.goto(self.crm.origin)
        return self.page.locator("main iframe")

    def open_modal(self, scheme: Scheme = "light", width: int = 1280) -> Locator:
        """Click the data block, and wait until the widget in the modal stands."""
        self.open(scheme, width)
        self.page.frame_locator("iframe").get_by_role("button").click()
        self.page.frame_locator("dialog iframe").get_by_role("heading").wait_for()
        return self.page.get_by_role("dialog", name="Spotler")


@pytest.fixture
def crm(plugin: FakePlugin) -> Iterator[BareCrm]:
    crm = BareCrm(plugin.origin)
    crm.start()
    yield crm
    crm.stop()


@pytest.fixture
def person(page: Page, crm: BareCrm) -> Person:
    return Person(page, crm)


def box(element: Locator) -> FloatRect:
    """Where an element is on the screen."""
    found = element.bounding_box()
    assert found is not None
    return found


def css(element: Locator, name: str) -> str:
    """What the browser made of all stylesheets."""
    value: str = element.evaluate("(each, name) => getComputedStyle(each)[name]", name)
    return value


def lightness(colour: str) -> float:
    """How light a colour is, from 0 to 1."""
    red, green, blue = (int(part) for part in re.findall(r"\d+", colour)[:3])
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_modal_is_a_quiet_panel(person: Person, scheme: Scheme) -> None:
    dialog = person.open_modal(scheme)
    assert (box(dialog)["x"], box(dialog)["width"]) == (280, 720)
    assert (css(dialog, "borderTopWidth"), css(dialog, "paddingTop")) == ("1px", "0px")
    assert css(dialog.locator("iframe"), "borderTopWidth") == "0px"
    surface, line, text = (
        lightness(css(dialog, name)) for name in ("backgroundColor", "borderTopColor", "color")
    )
    assert surface > 0.95 if scheme == "light" else surface < 0.2
    # The edge is grey in either scheme: nearer to the panel than to the text.
    assert 0.05 < abs(surface - line) < abs(line - text)
    backdrop = dialog.evaluate("each => getComputedStyle(each, '::backdrop').backgroundColor")
    assert backdrop == ("rgba(0, 0, 0, 0.45)" if scheme == "light" else "rgba(0, 0, 0, 0.6)")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 320)])
def test_it_is_fit_for_everybody(person: Person, scheme: Scheme, width: int) -> None:
    dialog = person.open_modal(scheme, width)
    # Nor may axe read the stylesheet by itself: the CRM's policy says so.
    found = Axe().run(person.page, options={"iframes": False, "preload": False})
    assert found.violations_count == 0, found.generate_report()
    assert 0 <= box(dialog)["x"] <= box(dialog)["x"] + box(dialog)["width"] <= width
    assert person.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_modal_keeps_its_height_whatever_the_widget_shows(person: Person) -> None:
    dialog = person.open_modal()
    before, frame = box(dialog), dialog.locator("iframe")
    assert before["height"] == 600 - 48 - 16
    widget = frame.element_handle().content_frame()
    assert widget is not None
    for height in (5000, 100):
        widget.evaluate("height => say('resize', {height})", height)
        expect(frame).to_have_attribute("style", f"height: {height}px;")
        assert box(dialog) == before
        bottom = box(dialog)["y"] + box(dialog)["height"]
        assert box(frame)["y"] + box(frame)["height"] <= bottom <= 600, "nothing is cut off"


def test_the_focus_is_seen(person: Person) -> None:
    person.open_modal()
    close = person.page.get_by_role("button", name="Sluiten")
    close.press("Shift")
    assert (css(close, "outlineStyle"), css(close, "outlineWidth")) == ("solid", "2px")


def test_a_crm_changes_what_does_not_suit_it(person: Person) -> None:
    person.crm.css = ":root { --spotler-embed-width: 640px; --spotler-embed-surface: #faf0e6; }"
    dialog = person.open_modal("dark")
    assert box(dialog)["width"] == 640
    assert css(dialog, "backgroundColor") == "rgb(250, 240, 230)"


def test_the_documentation_names_every_property_with_its_default() -> None:
    light, dark = (
        dict(re.findall(r"(--spotler-embed-[a-z]+): (.*?);", part))
        for part in re.findall(r":where\(:root\) \{(.*?)\}", SHEET.read_text(), re.DOTALL)
    )
    told = re.findall(r"^\| `(--spotler-embed-[a-z]+)` \| (.*?) \| (.*?) ?\|", DOCS, re.MULTILINE)
    assert [name for name, _, _ in told] == list(light)
    for name, default, in_the_dark in told:
        assert default in (f"`{light[name]}`", "system font")
        assert in_the_dark == (f"`{dark[name]}`" if name in dark else "")


def test_the_rest_of_the_page_is_not_touched() -> None:
    rules = re.sub(r"/\*.*?\*/", "", SHEET.read_text(), flags=re.DOTALL)
    heads = (head.strip() for head in re.findall(r"([^{};]+)\{", rules))
    selectors = [each.strip() for head in heads if head[0] != "@" for each in head.split(",")]
    assert len(selectors) > 10
    for each in selectors:
        assert each == ":where(:root)" or each.startswith(".spotler-embed-"), each


def test_nothing_moves_when_the_block_comes(person: Person) -> None:
    frame, below = person.open(), person.page.locator("#below")
    expect(frame).to_have_css("height", "90px")
    before = box(below)
    person.page.frame_locator("iframe").get_by_role("button").wait_for()
    expect(frame).to_have_attribute("style", "height: 90px;")
    assert box(below) == before
    assert css(frame, "borderTopWidth") == "0px"


def test_a_refused_launch_gets_room_for_what_it_says(person: Person, plugin: FakePlugin) -> None:
    plugin.refuse_launches = True
    person.page.clock.install()
    frame, inside = person.open(), person.page.frame_locator("iframe")
    inside.get_by_text("Geen toegang").wait_for()
    person.page.clock.fast_forward(10_000)
    again = person.page.get_by_role("button", name="Opnieuw proberen")
    expect(again).to_be_visible()
    expect(frame).to_have_css("height", "160px")
    plugin.refuse_launches = False
    again.click()
    inside.get_by_role("button").wait_for()
    expect(frame).to_have_css("height", "90px")
