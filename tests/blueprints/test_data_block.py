"""The data block: one glance, from our own tables only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Link, MirrorContact, Outcome
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import Reason
from tests.blueprints.widget import Widget, words
from tests.cast import Launch


@pytest.fixture
def block(client: FlaskClient, launch: Launch) -> Widget:
    return Widget.launch(client, launch("Carol", widget="data-block"))


def link(environment: Environment, **columns: object) -> None:
    db.session.add(Link(environment_id=environment.id, contact_id="c-1", **columns))
    db.session.commit()


def shown(block: Widget) -> str:
    return words(block.get("/data-block/status"))


def test_a_contact_that_is_not_in_spotler(block: Widget) -> None:
    assert "Niet gesynchroniseerd" in block.page
    assert shown(block) == (
        "Spotler Niet gesynchroniseerd Deze contactpersoon staat nog niet in Spotler."
    )


def test_a_contact_that_is_synchronised(block: Widget, environment: Environment) -> None:
    before = datetime.now(UTC) - timedelta(minutes=3)
    link(environment, linked_at=before, synced_at=before)
    db.session.add(
        MirrorContact(
            environment_id=environment.id, external_id="c-1", active=True, observed_at=before,
            permissions={"1": True, "2": False, "4": True}, properties={},
        )
    )  # fmt: skip
    assert shown(block) == "Spotler Gesynchroniseerd 3 min gel. 2 permissies · 0 automations"


def test_a_contact_that_failed_says_why_and_what_to_do(
    block: Widget, environment: Environment
) -> None:
    detail = Detail(message="geen adres")
    link(environment, problem=Reason.ADDRESS_REFUSED, problem_outcome=Outcome.REJECTED,
         problem_detail=detail)  # fmt: skip
    assert shown(block) == (
        "Spotler Mislukt Spotler accepteert dit e-mailadres niet: „geen adres”. "
        "Pas het aan bij de contactpersoon."
    )


def test_an_inactive_contact(block: Widget, environment: Environment) -> None:
    link(environment, problem=Reason.INACTIVE, problem_outcome=Outcome.BLOCKED)
    assert "Inactief" in shown(block)
    assert "Dat kun je vanuit Yoobi niet terugdraaien." in shown(block)


def test_a_click_asks_the_crm_for_the_modal(block: Widget) -> None:
    assert 'data-send="modal.open"' in block.page
    assert "&#34;widget&#34;: &#34;contact-modal&#34;" in block.page
    assert "&#34;id&#34;: &#34;c-1&#34;" in block.page


def test_another_environments_contact_of_the_same_id_is_another(
    block: Widget, other_environment: Environment
) -> None:
    now = datetime.now(UTC)
    link(other_environment, linked_at=now, synced_at=now)
    assert "Niet gesynchroniseerd" in shown(block)


def test_it_speaks_english(client: FlaskClient, launch: Launch) -> None:
    block = Widget.launch(client, launch("Carol", widget="data-block", lang="en"))
    assert '<html lang="en">' in block.page
    assert "This contact is not in Spotler yet." in shown(block)
