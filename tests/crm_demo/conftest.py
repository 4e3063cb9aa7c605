"""The CRM in memory for most tests, behind a port for those that need a server."""

import time
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from demo.crm.app import create_app
from demo.crm.contact import Contact
from demo.crm.crm import Crm
from demo.crm.server import DemoCrm
from demo.crm.settings import Settings
from tests.crm_demo.fake_plugin import API_TOKEN, EVENTS_SECRET, LAUNCH_SECRET, FakePlugin


def settings(plugin_url: str = "http://127.0.0.1:9") -> Settings:
    """The environment "acme" with secrets of the tests."""
    return Settings(
        environment="acme",
        plugin_url=plugin_url,
        launch_secret=LAUNCH_SECRET,
        events_secret=EVENTS_SECRET,
        api_token=API_TOKEN,
        contacts=40,
    )


@pytest.fixture
def data() -> Iterator[Crm]:
    """Forty contacts; events stay in the outbox."""
    data = Crm.open(settings())
    yield data
    data.store.close()


@pytest.fixture
def client(data: Crm) -> FlaskClient:
    """A browser at the CRM, or the plugin at its API."""
    return create_app(data).test_client()


@pytest.fixture
def bearer() -> dict[str, str]:
    """What the plugin presents."""
    return {"Authorization": f"Bearer {API_TOKEN}"}


@pytest.fixture
def zoe(data: Crm) -> Contact:
    """The first contact."""
    return data.contacts.page("", "", 1, 0)[0]


@pytest.fixture
def plugin() -> Iterator[FakePlugin]:
    """A plugin behind a port."""
    plugin = FakePlugin()
    plugin.start()
    yield plugin
    plugin.stop()


@pytest.fixture
def running(plugin: FakePlugin) -> Iterator[DemoCrm]:
    """The CRM behind a port, sending its events to the plugin."""
    with DemoCrm(settings(plugin.origin)) as crm:
        yield crm


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in which nothing may be refused by the policy and no script may fail."""
    faults: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if "Policy" in line.text else None)
    yield page
    context.close()
    assert faults == []


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until something became true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "It did not happen in time."
        time.sleep(0.02)
