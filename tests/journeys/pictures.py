"""`make pictures`: the main screens as pictures in docs/images, from a demo of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from playwright.sync_api import Browser, FrameLocator, sync_playwright

from demo.ports import Ports
from demo.stack import ROOT, Stack
from tests.chromium import ARGUMENTS, executable
from tests.journeys.person import Person, press, unfold

IMAGES = ROOT / "docs" / "images"
WIDE, NARROW = 1280, 360
PATIENCE = 90_000
REST = 700
"""Milliseconds until what appears in steps stands still."""

BLOCKS = {
    "not-synced": "Bloem",
    "synced": "Österbaan",
    "inactive": "Meld",
    "bounced": "Boons",
    "no-address": "Have",
    "malformed": "Stip",
    "of-another": "Manders",
}
MODALS = {
    "synced": "Österbaan",
    "not-linked": "Bloem",
    "inactive": "Meld",
    "of-another": "Manders",
    "no-address": "Have",
}
Scheme = Literal["light", "dark"]


class Photographer:
    """Takes pictures of what a person sees."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        self._browser, self._stack = browser, stack

    @contextmanager
    def person(self, width: int = WIDE, scheme: Scheme = "light") -> Iterator[Person]:
        """Somebody with a window of this width, and light or dark."""
        context = self._browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            locale="nl-NL",
            timezone_id="Europe/Amsterdam",
        )
        context.set_default_timeout(PATIENCE)
        yield Person(context.new_page(), self._stack)
        context.close()


def shoot(person: Person, name: str, selector: str = "") -> None:
    """Keep the window, or one thing in it, as a picture."""
    page = person.page
    page.wait_for_timeout(REST)
    path = IMAGES / f"{name}.png"
    if selector:
        page.locator(selector).first.screenshot(path=path)
    else:
        page.screenshot(path=path)


def open_admin(person: Person, tab: str) -> FrameLocator:
    """Systeemvoorkeuren › Spotler, and one of its screens."""
    admin = person.open_admin()
    admin.get_by_role("heading", level=1).wait_for()
    press(admin.get_by_role("button", name=tab, exact=True))
    admin.locator("nav [aria-current]").get_by_text(tab, exact=True).wait_for()
    return admin


def first_day(person: Person) -> None:
    """From the key to the plan of whom to link."""
    admin = person.open_admin()
    admin.get_by_label("Authentication key").wait_for()
    shoot(person, "first-day")
    person.give_key(admin)
    admin.get_by_role("button", name="Volgende: mapping").wait_for()
    # It looks again until everybody in the account was read and compared.
    admin.locator("#found-people:not([hx-get])").wait_for()
    shoot(person, "first-day-found")
    press(admin.get_by_role("button", name="Volgende: mapping"))
    admin.get_by_label("Voornaam").wait_for()
    shoot(person, "first-day-mapping")
    press(admin.get_by_role("button", name="Volgende: koppelen"))
    # Whom there is to link is known once all contacts were compared.
    admin.locator("#plan, #next").first.wait_for()
    shoot(person, "first-day-link")


def link(person: Person, *names: str) -> None:
    """Save these contacts, so that there is something to see."""
    for name in names:
        modal = person.open_modal(name)
        switch = modal.get_by_role("group", name="Spotler permissies").get_by_role("switch").first
        switch.check()
        modal.locator("#save").click()
        person.page.get_by_role("dialog").wait_for(state="detached")


def blocks(person: Person) -> None:
    """The data block in eight states."""
    for state, name in BLOCKS.items():
        person.open_modal(name).locator("#cancel").press("Escape")
        person.open_contact(name)
        shoot(person, f"block-{state}", ".block iframe")
    person.spotler("POST", "/faults", {"kind": "unavailable", "path": "/contact*"})
    modal = person.open_modal("Dubois")
    modal.get_by_role("group", name="Spotler permissies").get_by_role("switch").first.check()
    modal.locator("#save").click()
    person.page.wait_for_timeout(REST)
    person.open_contact("Dubois")
    shoot(person, "block-waiting", ".block iframe")
    person.spotler("DELETE", "/faults")


def modals(person: Person) -> None:
    """The modal in five states."""
    for state, name in MODALS.items():
        person.open_modal(name)
        shoot(person, f"modal-{state}", "dialog")


def mapping(person: Person, suffix: str = "") -> FrameLocator:
    admin = open_admin(person, "Mapping")
    admin.get_by_label("Voornaam").wait_for()
    unfold(admin)
    admin.get_by_label("Functie", exact=True).select_option("functie")
    admin.get_by_label("Afdeling", exact=True).select_option("afdeling")
    person.page.evaluate("scrollTo(0, 420)")
    shoot(person, f"mapping{suffix}")
    return admin


def preview_and_run(person: Person) -> None:
    admin = mapping(person)
    press(admin.locator("#save"))
    admin.locator("#confirm").wait_for()
    shoot(person, "preview")
    press(admin.locator("#confirm"))
    admin.locator("#undo").wait_for()
    shoot(person, "run")


def small_and_dark(photographer: Photographer) -> None:
    with photographer.person(NARROW) as person:
        open_admin(person, "Overzicht")
        shoot(person, "overview-narrow")
        mapping(person, "-narrow")
        person.open_modal("Österbaan")
        shoot(person, "modal-narrow")
    with photographer.person(WIDE, "dark") as person:
        open_admin(person, "Overzicht")
        shoot(person, "overview-dark")
        person.open_modal("Österbaan")
        shoot(person, "modal-dark", "dialog")


def main() -> None:
    with TemporaryDirectory() as state, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        with Stack(Path(state), Ports.free(), contacts=30) as stack:
            photographer = Photographer(browser, stack)
            with photographer.person() as person:
                first_day(person)
                link(person, "Österbaan", "Lang", "de Wit")
                blocks(person)
                modals(person)
                preview_and_run(person)
                open_admin(person, "Overzicht")
                shoot(person, "overview")
            small_and_dark(photographer)
        browser.close()


if __name__ == "__main__":
    main()
