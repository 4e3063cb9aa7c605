"""Each screen narrow, wide and in the dark: axe is content, nothing overflows."""

from __future__ import annotations

from collections.abc import Iterator

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Frame, Page, ViewportSize

NARROW: ViewportSize = {"width": 320, "height": 900}
WIDE: ViewportSize = {"width": 1280, "height": 900}
DARK = "(prefers-color-scheme: dark)"
RUN = 'axe.run({ resultTypes: ["violations"] }).then(({ violations }) => ({ violations }))'


def frame_of(page: Page, selector: str = "iframe") -> Frame:
    frame = page.locator(selector).element_handle().content_frame()
    assert frame is not None
    return frame


def check(page: Page, frame: Frame | None = None) -> None:
    """As it looks now. The frame itself is examined, not the page around it."""
    frame = frame or frame_of(page)
    results = violations(frame)
    assert results.violations_count == 0, results.generate_report()
    wider = frame.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0, f"{wider} px wider than its frame"


def violations(frame: Frame) -> AxeResults:
    """What axe has to say. It stays in the page from one look to the next, and what it found in
    order stays there too: to bring both over took a half of its time."""
    # Until its script listens a widget is inert, and to axe not there.
    frame.locator("main[inert]").wait_for(state="detached")
    if not frame.evaluate("'axe' in window"):
        frame.evaluate(AXE_SCRIPT)
    return AxeResults(frame.evaluate(RUN))


def check_all(page: Page, frame: Frame | None = None) -> None:
    """In each look."""
    frame = frame or frame_of(page)
    for _ in each_look(page, frame):
        check(page, frame)


def each_look(page: Page, frame: Frame) -> Iterator[str]:
    """Narrow, as it is, then wide and in the dark; narrow again when all were seen."""
    yield "narrow"
    _resize(page, frame, WIDE)
    yield "wide"
    _darken(page, frame, True)
    yield "dark"
    _darken(page, frame, False)
    _resize(page, frame, NARROW)


def _resize(page: Page, frame: Frame, size: ViewportSize) -> None:
    before = frame.evaluate("innerWidth")
    page.set_viewport_size(size)
    frame.wait_for_function("before => innerWidth !== before", arg=before)


def _darken(page: Page, frame: Frame, dark: bool) -> None:
    page.emulate_media(color_scheme="dark" if dark else "light")
    frame.wait_for_function(f"dark => matchMedia('{DARK}').matches === dark", arg=dark)
