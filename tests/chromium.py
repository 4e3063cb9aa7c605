"""The browser that tests marked `browser` drive: the machine's own, never a downloaded one."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = (
    # The same engine without windows, tabs and an address bar, which nobody sees here: a third less
    # to do.
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
FOLDERS = ("tests/journeys/", "tests/crm_demo/")
"""Where tests drive it: .ci/run looks for them nowhere else."""
MISSING = "No browser to drive here; to change that: apt install chromium-headless-shell libatomic1"
# Each window loads two pages for what its address bar might show; nobody here types into one. A
# process kept ready for the next page is not used before its window closes. The last list counts,
# so what Playwright does without stands here too.
WITHOUT = (
    "SpareRendererForSitePerProcess",
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A widget has a process of its own beside the CRM's page, as in the browsers of our users.
    "--site-per-process",
    # Third-party cookies are blocked, as they are in the browsers of our users.
    "--test-third-party-cookie-phaseout",
    f"--disable-features={','.join(WITHOUT)}",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all tests of a process: Playwright bears no second beside it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        yield browser
        browser.close()


def executable() -> str | None:
    """Where the browser is; `CHROMIUM` names another than the usual ones."""
    return next(filter(None, map(shutil.which, [os.environ.get("CHROMIUM", ""), *NAMES])), None)


def _driver_runs() -> bool:
    """Whether the Node.js that Playwright brings finds the one library that a bare Debian lacks."""
    if sys.platform != "linux":
        return True
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        return False
    return True


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser its tests are skipped; with CI=true that is an error."""
    driven = [item for item in items if item.get_closest_marker("browser")]
    if strayed := [item.nodeid for item in driven if not item.nodeid.startswith(FOLDERS)]:
        raise pytest.UsageError(f"Only {' and '.join(FOLDERS)} drive a browser, not {strayed[0]}")
    if not driven or (executable() and _driver_runs()):
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(MISSING)
    for item in driven:
        item.add_marker(pytest.mark.skip(reason=MISSING))
