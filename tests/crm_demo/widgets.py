"""Widgets of the fake plugin in a page of the CRM: wait for one, and let it say something."""

from typing import Any

from playwright.sync_api import Frame, Page


def widget(page: Page, name: str) -> Frame:
    """The frame of a widget that has said it is ready."""
    page.frame_locator("iframe").get_by_role("heading", name=name).wait_for()
    for frame in page.frames:
        if frame.url.endswith("/launch") and frame.locator("h1").inner_text() == name:
            return awake(frame)
    raise AssertionError(name)


def awake(frame: Frame) -> Frame:
    """A frame whose script has run."""
    frame.wait_for_function("window.heard !== undefined")
    return frame


def say(frame: Frame, kind: str, payload: dict[str, Any] | None = None, **extra: object) -> None:
    """Let a widget send a message to the CRM."""
    frame.evaluate("([type, payload, extra]) => say(type, payload, extra)", [kind, payload, extra])
