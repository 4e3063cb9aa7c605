"""A CRM that answers without an end holds up its own environment, and no other."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from itertools import islice

import pytest
from flask import Flask

from spotler_plugin import serving
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.connection.credentials import SpotlerAway
from spotler_plugin.services.mapping.sample import sample
from spotler_plugin.services.waiting import SHARE, waiting
from tests.blueprints.widget import Widget, words
from tests.cast import Launch, connect
from tests.rest.drip import WAYS, Drip
from tests.world.accounts import ALICE

MODALS = 20
SOON = 6.0
"""Seconds, on a busy machine; a call to a slow CRM takes ten."""


def at(environment: Environment, url: str) -> None:
    """It has an account, and both sides are there."""
    environment.crm_api = environment.spotler_url = url
    connect(environment)


@pytest.mark.parametrize("way", ["headers", "body"])
def test_twenty_modals_leave_threads_for_others(
    app: Flask,
    environment: Environment,
    other_environment: Environment,
    launch: Launch,
    way: str,
) -> None:
    def ask(modal: Widget) -> str:
        with app.app_context():
            return words(modal.ask("POST", "/contact-modal/fresh"))

    def open_another(token: str) -> str:
        with app.app_context():
            return Widget.launch(app.test_client(), token).page

    # As many threads as a web process has, which take requests in turn.
    with ThreadPoolExecutor(serving.threads) as web, Drip(*WAYS[way]) as crm:
        at(environment, crm.url)
        modals = [Widget.launch(app.test_client(), launch("Bob")) for _ in range(MODALS)]
        token = launch("Bob", at=other_environment)
        db.session.commit()
        began = time.monotonic()
        asked = [web.submit(ask, modal) for modal in modals]
        assert web.submit(open_another, token).result()
        told = [each.result() for each in islice(as_completed(asked), MODALS - SHARE)]
        assert time.monotonic() - began < SOON
        assert all("traag" in each for each in told)
        assert crm.calls == SHARE
        assert [each.done() for each in asked].count(False) == SHARE


def test_half_of_the_threads_are_for_others() -> None:
    assert serving.threads >= 2 * SHARE


def test_samples_and_tests_of_the_connection_are_counted_too(environment: Environment) -> None:
    held = [waiting(environment.id) for _ in range(SHARE)]
    for each in held:
        each.__enter__()
    with pytest.raises(SpotlerAway):
        credentials.connect(environment, "key", "secret", ALICE)
    assert not sample(environment).read
    for each in held:
        each.__exit__(None, None, None)
