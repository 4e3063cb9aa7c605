"""What a person does in the CRM, in their own words."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import requests
from playwright.sync_api import FrameLocator, Locator, Page, expect

from demo.stack import Stack

KEY, SECRET = "demo-key", "demo-secret"


STILL = """button => new Promise((resolve, reject) => {
  // Below the fold of the CRM's page the browser draws no frame, and leaves it as large as it was.
  button?.scrollIntoView({ block: "nearest" });
  const end = Date.now() + 45000;
  const busy = ".htmx-request, .htmx-swapping, .htmx-settling";
  // A frame that is about to shrink is large enough, and moves all the same. How high the modal is
  // the CRM chooses.
  const fits = height => innerHeight === height || document.body.className === "contact-modal";
  let last = null;
  (function look() {
    const height = Math.ceil(document.documentElement.getBoundingClientRect().height);
    const seen = `${innerHeight} of ${height}`;
    const rests = seen === last;
    last = seen;
    if (rests && fits(height) && !document.querySelector(busy)) resolve();
    else if (Date.now() > end) reject(new Error(`not still: ${innerHeight} of ${height} px`));
    else setTimeout(look, 50);
  })();
})"""


def press(button: Locator) -> None:
    """Click, once the widget stands still: it tells the CRM its height, and moves by that."""
    button.evaluate(STILL)
    button.click()


def tick(box: Locator, on: bool = True) -> None:
    """The same with a box."""
    box.evaluate(STILL)
    box.set_checked(on)


def answer(question: Locator, choice: str) -> None:
    """Press a button of an open question, and see the question go.

    It opens with the focus in it, and the browser scrolls the CRM's page for that: a button that
    is pressed meanwhile is let go beside it.
    """
    button = question.get_by_role("button", name=choice, exact=True)
    expect(button).to_be_in_viewport(ratio=1)
    press(button)
    expect(question).to_be_hidden()


def unfold(admin: FrameLocator) -> None:
    """In the mapping, show the fields that feed nothing too."""
    for fold in admin.locator(".fold > summary").all():
        press(fold)


@dataclass
class Person:
    page: Page
    stack: Stack

    def begin_anew(self) -> None:
        """The sandbox as it was seeded. That whatever others switched on is off there again is no
        sign-off, so the plugin forgets that it was on."""
        self.spotler("POST", "/reset", {})
        file = self.stack.state / "plugin.sqlite3"
        with closing(sqlite3.connect(file, timeout=30)) as plugin, plugin:
            plugin.execute("UPDATE mirror_contact SET permissions = '{}'")
            plugin.execute("DELETE FROM act WHERE source = 'spotler' AND bit > 0")

    def spotler(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The sandbox's control interface."""
        url = f"{self.stack.spotler_url}/_sandbox{path}"
        answer = requests.request(method, url, json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def enrolments(self, contact_id: str) -> list[dict[str, Any]]:
        enrolments: list[dict[str, Any]] = self.spotler(
            "GET", f"/enrolments?externalId={contact_id}"
        )["enrolments"]
        return enrolments

    def speak(self, language: str) -> None:
        """Choose the language of the widgets."""
        self.page.goto(self.stack.crm_url)
        self.page.get_by_label("Taal van de widgets").select_option(language)
        self.page.get_by_role("button", name="Wisselen").click()

    def open_admin(self) -> FrameLocator:
        """Systeemvoorkeuren › Spotler."""
        self.page.goto(f"{self.stack.crm_url}/preferences/spotler")
        return self.page.frame_locator("iframe")

    def open_settings(self) -> FrameLocator:
        """Systeemvoorkeuren › Spotler › Instellingen."""
        admin = self.open_admin()
        press(admin.get_by_role("button", name="Instellingen", exact=True))
        return admin

    def connect(self) -> FrameLocator:
        """Paste key and secret, unless that was done; then open the settings."""
        admin = self.open_admin()
        paste = admin.get_by_label("Authentication key")
        expect(paste.or_(admin.get_by_role("navigation")).first).to_be_visible()
        if paste.is_visible():
            self.give_key(admin)
            expect(admin.get_by_role("button", name="Volgende: mapping")).to_be_visible()
        press(admin.get_by_role("button", name="Instellingen", exact=True))
        expect(admin.get_by_role("button", name="Verbinding testen")).to_be_visible()
        return admin

    def give_key(self, admin: FrameLocator) -> None:
        admin.get_by_label("Authentication key").fill(KEY)
        admin.get_by_label("Authentication secret").fill(SECRET)
        press(admin.get_by_role("button", name="Opslaan"))

    def open_contact(self, name: str) -> Locator:
        """Contactpersonen › this one; the data block on the right."""
        self.page.goto(f"{self.stack.crm_url}/contacts?q={name}")
        self.page.get_by_role("link", name=name).first.click()
        # The widget has told its height, so that nothing moves away under the pointer.
        expect(self.page.locator("iframe").first).to_have_attribute("style", re.compile("height"))
        return self.page.frame_locator("iframe").get_by_role("button").first

    def contact_id(self) -> str:
        return self.page.url.rpartition("/")[2]

    def open_modal(self, name: str) -> FrameLocator:
        """Click the data block and wait until Spotler was read."""
        block = self.open_contact(name)
        with self.reading():
            press(block)
        return self.page.frame_locator("dialog iframe")

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What happens inside opens a modal; wait until it has read Spotler and shows it."""
        with self.page.expect_response(lambda answer: answer.url.endswith("/fresh")):
            yield
        modal = self.page.frame_locator("dialog iframe")
        expect(modal.locator("#contact[data-keep]")).to_be_attached()

    def switch(self, modal: FrameLocator, group: str, name: str) -> Locator:
        fieldset = modal.get_by_role("group", name=group)
        return fieldset.get_by_role("switch", name=name, exact=True)

    def status(self) -> Locator:
        """The words on the data block."""
        return self.page.frame_locator("iframe").first.locator("body")
