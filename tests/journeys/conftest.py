"""The whole stack on free ports, and a browser where nobody keeps a thing in another's page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from demo.ports import Ports
from demo.stack import CRM_HOST, Stack
from tests.journeys.look import NARROW, WIDE
from tests.journeys.person import Person

PATIENCE = 45_000
"""Milliseconds; a busy machine may take long for what a person sees at once."""

expect.set_options(timeout=PATIENCE)

# Browsers of our users block what a third party would keep; not every Chromium can be told to.
KEEPS_NOTHING = """
if (window !== window.top) {
  const get = () => { throw new DOMException("Access is denied", "SecurityError"); };
  for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"]) {
    Object.defineProperty(window, name, { get });
  }
}
"""


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with Stack(tmp_path_factory.mktemp("stack"), Ports.free(), contacts=30) as stack:
        yield stack


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with _window(browser, WIDE) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    with _watched(context) as page:
        yield page


@pytest.fixture
def person(page: Page, stack: Stack) -> Person:
    """Somebody at work in the CRM. The sandbox is as it was seeded, the plugin remembers what other
    tests did: a test that cares how a contact stood takes one that no other test saves."""
    person = Person(page, stack)
    person.begin_anew()
    return person


@pytest.fixture
def narrow_page(browser: Browser) -> Iterator[Page]:
    with _window(browser, NARROW) as context, _watched(context) as page:
        yield page


@pytest.fixture
def looking(narrow_page: Page, stack: Stack) -> Person:
    """Somebody whose window is narrow, where most is in the way; `check_all` looks at it wide and
    in the dark too."""
    person = Person(narrow_page, stack)
    person.begin_anew()
    return person


@contextmanager
def _window(browser: Browser, size: ViewportSize) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport=size, locale="nl-NL", timezone_id="Europe/Amsterdam", color_scheme="light"
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@contextmanager
def _watched(context: BrowserContext) -> Iterator[Page]:
    """A page whose scripts may make no mistakes: neither an exception nor a breach of the CSP; and
    where the CRM alone has cookies."""
    context.add_init_script(KEEPS_NOTHING)
    page = context.new_page()
    mistakes: list[str] = []
    page.on("pageerror", lambda error: mistakes.append(str(error)))
    page.on(
        "console",
        lambda message: (
            mistakes.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    yield page
    assert mistakes == []
    assert {cookie["domain"] for cookie in context.cookies()} <= {CRM_HOST}
