"""Ongedaan maken: asked on the run's screen, shown before it happens, and told afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import responses
from flask.testing import FlaskClient
from sqlalchemy import select

from spotler_plugin.extensions import db, redis_server
from spotler_plugin.models import (
    Environment,
    Link,
    MirrorContact,
    Outcome,
    Preview,
    Property,
    Run,
    RunItem,
    RunKind,
    RunState,
    Whom,
)
from spotler_plugin.planning.image import Image
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.run.create import create_run_for
from tests.blueprints.conftest import CRM
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

pytestmark = pytest.mark.usefixtures("at_crm")
NOW = {"c-0": "Delft", "c-1": "Gouda"}


@pytest.fixture
def made(environment: Environment) -> Run:
    """It made Delft of two towns; somebody made Gouda of one of them since."""
    owner, now = environment.id, datetime.now(UTC)
    for contact_id in (*NOW, "c-2"):
        db.session.add(Link(environment_id=owner, contact_id=contact_id, linked_at=now))
    for contact_id, city in NOW.items():
        address = f"{contact_id}@example.nl"
        properties = {"email": address, "firstName": "Zoë", "city": city}
        db.session.add(
            MirrorContact(
                environment_id=owner, external_id=contact_id, address=address, active=True,
                permissions={}, properties=properties, observed_at=now,
            )
        )  # fmt: skip
    db.session.add(
        Property(environment_id=owner, name="city", description="Plaats", type="string", entries=[])
    )
    db.session.flush()
    run = create_run_for(
        environment, Whom.LINKED, kind=RunKind.SYNC, actor=Actor("alice", "A. de Vries"),
        request_token=uuid4(),
    )  # fmt: skip
    for item in db.session.scalars(select(RunItem).where(RunItem.run_id == run.id)):
        item.outcome = Outcome.UPDATED if item.contact_id in NOW else Outcome.UNCHANGED
        if item.contact_id in NOW:
            item.before = Image(external_id=item.contact_id, properties={"city": "Rotterdam"})
            item.after = Image(properties={"city": "Delft"})
    run.state, run.updated, run.unchanged = RunState.FINISHED, 2, 1
    db.session.commit()
    return run


@pytest.fixture
def at_crm(wire: responses.RequestsMock) -> None:
    """The CRM still has all of them."""
    people = [
        {"id": contact_id, "relation_id": None, "primary": False, "active": True, "version": 1,
         "fields": {"first_name": "Zoë"}}
        for contact_id in (*NOW, "c-2")
    ]  # fmt: skip
    wire.get(f"{CRM}/contacts", json={"contacts": people, "missing": []})


def worked_out(admin: Widget) -> Preview:
    row = db.session.scalars(select(Preview).order_by(Preview.created_at.desc())).first()
    assert row is not None
    while advance_preview(row.environment_id, row.id):
        pass
    redis_server.queue.flushdb()
    return row


def test_it_is_offered_where_something_was_changed(admin: Widget, made: Run) -> None:
    shown = admin.get(f"/admin/runs/{made.id}").text
    assert 'id="undo"' in shown and shown.count('id="undo-') == 2
    made.state = RunState.OPEN
    db.session.commit()
    assert "Ongedaan maken" not in admin.get(f"/admin/runs/{made.id}").text
    assert admin.ask("POST", f"/admin/runs/{made.id}/undo").status_code == 409


def test_it_is_shown_agreed_with_and_told(admin: Widget, made: Run) -> None:
    asked = words(admin.ask("POST", f"/admin/runs/{made.id}/undo", mapping="1"))
    assert "Ongedaan maken: Synchronisatie gestart door A. de Vries" in asked
    row = worked_out(admin)
    shown = words(admin.get(f"/admin/previews/{row.id}"))
    assert "Voor 2 contactpersonen van deze synchronisatie." in shown
    assert "Plaats Delft → wordt Rotterdam" in shown
    assert "Plaats blijft zoals het nu is. Het werd „Delft” en is intussen „Gouda”." in shown
    assert "Dit geldt tot de volgende synchronisatie." in shown
    assert "Zoë" in words(admin.get(f"/admin/previews/{row.id}/left-alone"))

    back = words(admin.get(f"/admin/previews/{row.id}/mapping"))
    assert "Synchronisatie gestart door A. de Vries" in back, "back to the run"
    agreed = words(admin.ask("POST", f"/admin/previews/{row.id}"))
    assert "Het wordt ongedaan gemaakt." in agreed and "Ongedaan gemaakt door Alice" in agreed
    run = db.session.scalars(select(Run).where(Run.undoes_id == made.id)).one()
    assert (run.kind, run.selected) == (RunKind.UNDO, 2)
    assert "Ongedaan gemaakt door Alice" in words(admin.get(f"/admin/runs/{made.id}"))
    assert "Synchronisatie gestart door A. de Vries, " in words(admin.get(f"/admin/runs/{run.id}"))
    assert "Bekijk wat er ongedaan is gemaakt" in words(admin.get(f"/admin/runs/{run.id}"))


def test_what_others_changed_goes_back_where_that_is_chosen(admin: Widget, made: Run) -> None:
    admin.ask("POST", f"/admin/runs/{made.id}/undo", overrides="1")
    row = worked_out(admin)
    shown = admin.get(f"/admin/previews/{row.id}")
    assert "Plaats Gouda → wordt Rotterdam" in words(shown)
    assert "blijft zoals het nu is." not in words(shown)
    assert 'checked id="overrides"' in shown.text


def test_what_is_not_known_any_more_and_what_is_under_way_is_told(
    admin: Widget, environment: Environment, made: Run
) -> None:
    made.state, made.cancelled, made.unchanged = RunState.CANCELLED, 1, 0
    environment.restored_at = datetime.now(UTC)
    db.session.commit()
    admin.ask("POST", f"/admin/runs/{made.id}/undo")
    row = worked_out(admin)
    shown = words(admin.get(f"/admin/previews/{row.id}"))
    assert "Van deze synchronisatie weet de plugin niet alles meer." in shown
    assert "1 contactpersoon kan toen nog zijn bijgewerkt" in shown
    assert "Er is nog een synchronisatie bezig." not in shown
    create_run_for(
        environment, Whom.LINKED, kind=RunKind.SYNC, actor=Actor("carol", "C. Bos"),
        request_token=uuid4(),
    )  # fmt: skip
    db.session.commit()
    shown = words(admin.get(f"/admin/previews/{row.id}"))
    assert "Er is nog een synchronisatie bezig." in shown
    assert "Synchronisatie gestart door C. Bos · Bezig" in shown


def test_one_contact_of_it(admin: Widget, made: Run) -> None:
    item = db.session.scalars(select(RunItem).where(RunItem.contact_id == "c-1")).one()
    admin.ask("POST", f"/admin/runs/{made.id}/undo", item=item.id)
    row = worked_out(admin)
    shown = admin.get(f"/admin/previews/{row.id}")
    assert "Voor 1 contactpersoon van deze synchronisatie." in words(shown)
    assert f'name="item" value="{item.id}"' in shown.text


def test_not_anothers_and_only_for_administrators(
    client: FlaskClient, launch: Launch, other_environment: Environment, made: Run
) -> None:
    token = launch("Alice", other_environment, widget="admin", resource={"type": "none"})
    theirs = Widget.launch(client, token)
    assert theirs.ask("POST", f"/admin/runs/{made.id}/undo").status_code == 404
    for who in ("Bob", "Carol"):
        widget = Widget.launch(client, launch(who, widget="contact-modal"))
        assert widget.ask("POST", f"/admin/runs/{made.id}/undo").status_code == 403
    assert db.session.scalars(select(Preview)).all() == []
