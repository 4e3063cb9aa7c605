"""Whether anything jumps on a screen by itself, and whether what has the focus can be seen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Frame, ViewportSize, sync_playwright

from benchmarks.table import Cell, show
from demo.ports import Ports
from demo.stack import Stack
from tests.chromium import ARGUMENTS, executable
from tests.journeys.person import STILL, Person, press

WINDOWS = {
    "320 px": ViewportSize(width=320, height=900),
    "480 px": ViewportSize(width=480, height=900),
    "720 px": ViewportSize(width=720, height=900),
    "1280 px": ViewportSize(width=1280, height=900),
    # What is left of a window of 1280 by 900.
    "200 %": ViewportSize(width=640, height=450),
}
PEOPLE = {
    "in Spotler": "Österbaan",
    "signed off": "Meld",
    "without an address": "Have",
    "of another": "Manders",
}
MOST = 0.01
"""Layout shift that a screen may have, in the CRM's page and in the frame."""
TABS = 120
"""Places for the focus that are visited on a screen, at most."""
PATIENCE = 90_000

WATCH = """
window.shifts = [];
let pressed = -Infinity;
for (const name of ["pointerdown", "keydown"]) {
  addEventListener(name, () => { pressed = performance.now(); }, true);
}
const told = (element) => `${element?.nodeName} #${element?.id} .${element?.className}`;
new PerformanceObserver((list) => {
  for (const { hadRecentInput, value, startTime: at, sources } of list.getEntries()) {
    // Within half a second of a press; one that is not released yet is none to the browser.
    if (hadRecentInput || (at > pressed && at - pressed < 500)) continue;
    const who = sources.map(({ node }) => told(node?.id ? node : node?.parentElement));
    window.shifts.push({ at, value, who });
  }
}).observe({ type: "layout-shift", buffered: true });

// What a swap replaced by its like is another element to the browser, and moves all the same.
let before = new Map();
const isSeen = ({ width, top, bottom }) => width > 1 && bottom > 0 && top < innerHeight;
const placed = () => new Map([...document.querySelectorAll("[id]")]
  .map((element) => [element.id, element.getBoundingClientRect()])
  .filter(([, place]) => isSeen(place)));
document.addEventListener("htmx:beforeSwap", () => { before = placed(); });
document.addEventListener("htmx:afterSettle", () => {
  const was = before;
  before = new Map();
  if (performance.now() - pressed < 500) return;
  let [upper, lower, farthest, who] = [innerHeight, 0, 0, ""];
  for (const [id, { top, bottom }] of placed()) {
    const far = Math.abs(top - (was.get(id)?.top ?? top));
    if (far < 3) continue;
    upper = Math.max(0, Math.min(upper, top, was.get(id).top));
    lower = Math.min(innerHeight, Math.max(lower, bottom, was.get(id).bottom));
    if (far > farthest) who = `#${id} by ${Math.round(far)} px, swapped`;
    farthest = Math.max(farthest, far);
  }
  const value = ((lower - upper) / innerHeight) * (farthest / Math.max(innerWidth, innerHeight));
  if (farthest) window.shifts.push({ at: performance.now(), value, who: [who] });
});
"""

SHIFTED = """() => {
  // What moved before anything was painted nobody saw.
  const painted = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0;
  const seen = window.shifts.splice(0).filter(({ at }) => at > painted);
  const value = seen.reduce((sum, each) => sum + each.value, 0);
  return { value, moved: seen.flatMap(({ who }) => who).join(", ") };
}"""
FOCUSED = """() => {
  const focused = document.activeElement;
  if (!focused || focused === document.body || focused.id === "widget") return null;
  const { top, bottom } = focused.getBoundingClientRect();
  const bars = [...document.querySelectorAll(".bar:not([data-loose])")];
  const covered = bars.some((bar) => !bar.contains(focused) &&
    bar.getBoundingClientRect().top < bottom && bar.getBoundingClientRect().bottom > top);
  return { name: focused.id || focused.textContent.trim(), top, bottom, covered, of: innerHeight };
}"""


@dataclass
class Findings:
    """What was seen in one window."""

    shifts: dict[str, float] = field(default_factory=dict)
    """By screen, the larger of page and frame."""
    moved: dict[str, str] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    visited: int = 0


class Look:
    """Somebody goes over all screens in one window."""

    def __init__(self, person: Person) -> None:
        self.person, self.page, self.found = person, person.page, Findings()

    @contextmanager
    def screen(self, name: str, frame: str = "iframe") -> Iterator[None]:
        """What happens inside brings the screen; then it is looked at."""
        yield
        inside = self._frame(frame)
        # It is scrolled to: what the CRM's page does not show is not drawn, and never still.
        inside.locator("#widget").evaluate(STILL)
        for place in (self.page.main_frame, inside):
            shifted = place.evaluate(SHIFTED)
            if shifted["value"] >= self.found.shifts.get(name, 0):
                self.found.shifts[name] = shifted["value"]
                self.found.moved[name] = shifted["moved"]
        self._tab_through(name, inside)

    def _frame(self, selector: str) -> Frame:
        found = self.page.locator(selector).first.element_handle().content_frame()
        if found is None:
            raise RuntimeError(f"There is no {selector}.")
        return found

    def _tab_through(self, name: str, frame: Frame) -> None:
        frame.evaluate("document.getElementById('widget').focus()")
        seen: set[str] = set()
        for _ in range(TABS):
            self.page.keyboard.press("Tab")
            place = frame.evaluate(FOCUSED)
            if place is None or place["name"] in seen:
                return
            seen.add(place["name"])
            self.found.visited += 1
            if not self._comes_in_sight(frame):
                self.found.hidden.append(f"{name}: {place['name'][:40]}")

    def _comes_in_sight(self, frame: Frame) -> bool:
        """The frame hears a tenth of a second later what the page shows of it."""
        for _ in range(12):
            place = frame.evaluate(FOCUSED)
            if place is None or (not place["covered"] and self._is_in_window(frame, place)):
                return True
            self.page.wait_for_timeout(50)
        return False

    def _is_in_window(self, frame: Frame, place: dict[str, Any]) -> bool:
        box = frame.frame_element().bounding_box()
        size = self.page.viewport_size
        if box is None or size is None or place["bottom"] - place["top"] > size["height"]:
            return True
        top, bottom = box["y"] + place["top"], box["y"] + place["bottom"]
        return bool(top >= -1 and bottom <= min(size["height"], box["y"] + box["height"]) + 1)


def measure() -> None:
    """Fail above what is allowed."""
    with TemporaryDirectory() as state, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        with Stack(Path(state), Ports.free(), contacts=30) as stack:
            found = {name: _look(browser, stack, size) for name, size in WINDOWS.items()}
        browser.close()
    _tell(found)


def _look(browser: Browser, stack: Stack, size: ViewportSize) -> Findings:
    context = browser.new_context(viewport=size, locale="nl-NL")
    context.set_default_timeout(PATIENCE)
    context.add_init_script(WATCH)
    look = Look(Person(context.new_page(), stack))
    # What the account had before is known by then, and the block has it from the mirror.
    admin = look.person.connect()
    admin.locator("#known:not([hx-get])").wait_for()
    _walk_contacts(look)
    _walk_admin(look)
    _walk_others(look)
    context.close()
    return look.found


def _walk_contacts(look: Look) -> None:
    for what, name in PEOPLE.items():
        with look.screen(f"data block, {what}"):
            look.person.open_contact(name)
        with look.screen(f"modal, {what}", "dialog iframe"):
            look.person.open_modal(name)
    # Somebody is linked, so that there is something to synchronise.
    look.person.open_modal(PEOPLE["in Spotler"]).locator("#save").click()
    look.page.get_by_role("dialog").wait_for(state="detached")


def _walk_admin(look: Look) -> None:
    page = look.page
    with look.screen("overview"):
        page.goto(f"{look.person.stack.crm_url}/preferences/spotler")
        page.frame_locator("iframe").get_by_role("navigation").wait_for()
    admin = page.frame_locator("iframe")
    tabs = admin.get_by_role("navigation").get_by_role("button")
    for number in range(1, tabs.count()):
        with look.screen(tabs.nth(number).inner_text().strip()):
            press(tabs.nth(number))
            admin.locator(f"nav > :nth-child({number + 1})[aria-current]").wait_for()
    with look.screen("preview"):
        press(admin.get_by_role("button", name="Mapping", exact=True))
        press(admin.get_by_role("button", name="Nu synchroniseren"))
        admin.locator("#confirm").wait_for()
    with look.screen("run"):
        press(admin.locator("#confirm"))
        admin.locator("#run-state").wait_for()


def _walk_others(look: Look) -> None:
    page, crm = look.page, look.person.stack.crm_url
    with look.screen("automatic action"):
        page.goto(f"{crm}/preferences/automatic-actions/new")
        page.frame_locator("iframe").locator("#save").wait_for()
    with look.screen("bulk step"):
        page.goto(f"{crm}/contacts")
        page.get_by_label("Zoë van der Österbaan selecteren").check()
        page.get_by_role("button", name="Bulkmutatie").click()
        page.get_by_role("button", name="Volgende", exact=True).click()
        page.frame_locator("iframe").locator("#save:enabled").wait_for()


def _tell(found: dict[str, Findings]) -> None:
    screens = list(dict.fromkeys(name for each in found.values() for name in each.shifts))
    rows: list[list[Cell]] = [
        [screen, *(round(each.shifts.get(screen, 0.0), 4) for each in found.values())]
        for screen in screens
    ]
    show("Layout shift by itself", ("screen", *found), rows)
    faults = [
        f"{window}, {screen}: {each.shifts[screen]:.3f} by {each.moved[screen]}"
        for window, each in found.items()
        for screen in each.shifts
        if each.shifts[screen] > MOST
    ]
    faults += [
        f"{window}, hidden: {place}" for window, each in found.items() for place in each.hidden
    ]
    print(f"{sum(each.visited for each in found.values())} places had the focus.")
    if faults:
        sys.exit("\n".join(faults))
