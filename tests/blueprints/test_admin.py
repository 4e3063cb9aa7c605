"""The admin widget's page and its overview."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Link, Outcome
from tests.blueprints.test_admin_health import connected
from tests.blueprints.widget import Widget, words
from tests.cast import Launch


def test_the_page_begins_with_the_overview(
    client: FlaskClient, launch: Launch, environment: Environment
) -> None:
    connected(environment)
    admin = Widget.launch(client, launch("Alice", widget="admin", resource={"type": "none"}))
    assert "Spotler kent de key en secret." in admin.page
    assert admin.page.count("<h1") == 1 and admin.page.count('aria-current="page"') == 1


def test_a_fragment_is_one_element_and_no_document(admin: Widget) -> None:
    for url in ("/admin/overview", "/admin/connection"):
        shown = admin.get(url).text.strip()
        assert shown.startswith('<div id="screen"') and "<html" not in shown
        assert shown.count("<h1") == 1


def test_it_counts_this_environment_only(
    admin: Widget, environment: Environment, other_environment: Environment
) -> None:
    now = datetime.now(UTC)
    for owner, number in ((environment, 1), (other_environment, 2)):
        for contact_id in range(number * 2):
            db.session.add(
                Link(
                    environment_id=owner.id,
                    contact_id=str(contact_id),
                    linked_at=now,
                    problem_outcome=Outcome.REJECTED if contact_id == 0 else Outcome.BLOCKED,
                )
            )
    db.session.commit()
    shown = words(admin.get("/admin/overview"))
    assert "Gekoppeld 2" in shown and "Lopend 0" in shown and "Mislukt 1" in shown


def test_that_an_earlier_state_was_put_back_is_told_for_two_weeks(
    admin: Widget, environment: Environment
) -> None:
    for ago, told in ((timedelta(days=13), True), (timedelta(days=15), False)):
        environment.restored_at = datetime.now(UTC) - ago
        db.session.commit()
        shown = words(admin.get("/admin/overview"))
        assert ("is een eerdere stand van de plugin teruggezet." in shown) is told
