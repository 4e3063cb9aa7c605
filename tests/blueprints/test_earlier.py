"""The modal's way back: what there is for one contact, seen, agreed with, told; of nobody else."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
import responses
from flask.testing import FlaskClient
from sqlalchemy import select

from spotler_plugin.extensions import db, redis_server
from spotler_plugin.models import (
    Backup,
    Connection,
    ConnectionState,
    Environment,
    Link,
    Outcome,
    Preview,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.undo.patch import Patch
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.run.create import create_run
from tests.blueprints.conftest import CRM, SPOTLER
from tests.blueprints.test_restore import at_crm, backup
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

__all__ = ["at_crm", "backup"]

URL = "/contact-modal/earlier"
pytestmark = pytest.mark.usefixtures("at_crm")


@pytest.fixture
def connected(
    environment: Environment, backup: Backup, wire: responses.RequestsMock
) -> Environment:
    now = datetime.now(UTC)
    properties = [
        {"name": each.name, "description": each.label, "type": "string"}
        for each in backup.layout.columns
        if each.name != "email"
    ]
    wire.replace(responses.GET, f"{SPOTLER}/contact/properties/list", json=properties)
    db.session.add(
        Connection(environment_id=environment.id, key="key", secret="secret", key_ending="-key",
                   secret_ending="cret", state=ConnectionState.CONNECTED, connected_by="A",
                   proved_at=now)
    )  # fmt: skip
    db.session.commit()
    return environment


@pytest.fixture
def made(connected: Environment) -> Run:
    """It made Delft of Gouda, for Zoë and for somebody else."""
    now = datetime.now(UTC)
    db.session.add(Link(environment_id=connected.id, contact_id="c-2", linked_at=now))
    run, _ = create_run(
        connected.id, ["c-1", "c-2"], kind=RunKind.SYNC, source=Source.ADMIN,
        actor=Actor("dick", "D. Smit"), request_token=uuid4(),
    )  # fmt: skip
    for item in db.session.scalars(select(RunItem).where(RunItem.run_id == run.id)):
        item.outcome, item.settled_at = Outcome.UPDATED, now
        item.before = Image(external_id=item.contact_id, properties={"city": "Gouda"})
        item.after = Image(properties={"city": "Delft"})
    run.state, run.updated = RunState.FINISHED, 2
    db.session.commit()
    return run


@pytest.fixture
def modal(client: FlaskClient, launch: Launch, connected: Environment) -> Widget:
    return Widget.launch(client, launch("Alice"))


def worked_out() -> Preview:
    row = db.session.scalars(select(Preview).order_by(Preview.created_at.desc())).first()
    assert row is not None
    while advance_preview(row.environment_id, row.id):
        pass
    redis_server.queue.flushdb()
    return row


def test_the_runs_and_backups_of_the_contact_are_listed(modal: Widget, made: Run) -> None:
    assert 'id="to-earlier"' in modal.page
    shown = words(modal.get(URL))
    assert "Synchronisatie gestart door D. Smit" in shown and "Plaats Gouda → werd Delft" in shown
    assert "Back-up door onbekend" in shown
    made.state = RunState.OPEN
    db.session.commit()
    assert "Niets om ongedaan te maken" in words(modal.get(URL))
    back = modal.get(f"{URL}/form").text
    assert 'id="save"' in back and "/contact-modal/fresh" in back


def test_a_run_is_taken_back_for_this_contact_alone(modal: Widget, made: Run) -> None:
    asked = words(modal.ask("POST", f"{URL}/runs/{made.id}"))
    assert "Ongedaan maken: Synchronisatie gestart door D. Smit" in asked
    row = worked_out()
    shown = modal.get(f"{URL}/previews/{row.id}")
    assert "Voor deze contactpersoon." in words(shown)
    assert "Plaats Delft → wordt Gouda" in words(shown)
    assert "/admin/" not in shown.text, "the modal may not ask there"
    assert "Plaats" not in words(modal.get(f"{URL}/previews/{row.id}/left-alone"))

    agreed = modal.ask("POST", f"{URL}/previews/{row.id}")
    assert "Bezig met terugzetten…" in words(agreed)
    run = db.session.scalars(select(Run).where(Run.undoes_id == made.id)).one()
    assert run.selected == 1 and modal.get(f"{URL}/previews/{row.id}").headers["HX-Retarget"]
    item = db.session.scalars(select(RunItem).where(RunItem.run_id == run.id)).one()
    item.outcome = Outcome.UPDATED
    item.before, item.after = (Image(properties={"city": city}) for city in ("Delft", "Gouda"))
    run.state, run.updated = RunState.FINISHED, 1
    db.session.commit()
    ended = modal.get(f"{URL}/runs/{run.id}")
    assert "Bijgewerkt" in words(ended) and "Plaats Delft → werd Gouda" in words(ended)
    assert "contact.synced" in ended.headers["HX-Trigger"]
    assert "al ongedaan gemaakt" in words(modal.get(URL))


def test_a_backup_is_put_back_for_this_contact_alone(
    modal: Widget, made: Run, backup: Backup
) -> None:
    modal.ask("POST", f"{URL}/backups/{backup.id}")
    row = worked_out()
    shown = modal.get(f"{URL}/previews/{row.id}")
    assert "Plaats Delft → wordt Rotterdam" in words(shown)
    assert row.restore is not None and not row.restore.switches and row.total == 1
    modal.ask("POST", f"{URL}/backups/{backup.id}", switches="1")
    assert 'value="1" checked' in modal.get(f"{URL}/previews/{worked_out().id}").text
    stopped = modal.ask("DELETE", f"{URL}/previews/{row.id}")
    assert "Terugzetten uit een back-up" in words(stopped)


def test_what_was_changed_in_the_crm_is_seen_beforehand(
    modal: Widget, made: Run, wire: responses.RequestsMock
) -> None:
    item = db.session.scalars(select(RunItem).where(RunItem.contact_id == "c-1")).one()
    item.before, item.patch_key = None, uuid4()
    item.patch = Patch({"active": True, "note": "Belt"}, {"active": False, "note": "Offerte"})
    db.session.commit()
    person = {"id": "c-1", "relation_id": None, "primary": False, "active": False, "version": 1,
              "fields": {"note": "Offerte"}}  # fmt: skip
    wire.replace("GET", f"{CRM}/contacts", json={"contacts": [person], "missing": []})
    modal.ask("POST", f"{URL}/runs/{made.id}")
    shown = words(modal.get(f"{URL}/previews/{worked_out().id}"))
    assert "Status in Yoobi Inactief → wordt Actief" in shown
    assert "note in Yoobi Offerte → wordt Belt" in shown


def test_the_preview_of_another_contact_or_of_all_is_not_found(
    client: FlaskClient, launch: Launch, modal: Widget, made: Run, backup: Backup
) -> None:
    modal.ask("POST", f"{URL}/backups/{backup.id}")
    row = worked_out()
    resource = {"type": "contact", "id": "c-2"}
    other = Widget.launch(client, launch("Alice", resource=resource))
    for verb, path in (("GET", ""), ("POST", ""), ("DELETE", ""), ("GET", "/left-alone")):
        assert other.ask(verb, f"{URL}/previews/{row.id}{path}").status_code == 404, path
    admin = Widget.launch(client, launch("Alice", widget="admin", resource={"type": "none"}))
    admin.ask("POST", f"/admin/runs/{made.id}/undo")
    assert modal.ask("POST", f"{URL}/previews/{worked_out().id}").status_code == 404
    assert modal.ask("POST", f"{URL}/runs/{uuid4()}").status_code == 409
    assert modal.ask("POST", f"{URL}/backups/{uuid4()}").status_code == 409
    assert modal.get(f"{URL}/runs/{uuid4()}").status_code == 404


@pytest.mark.parametrize("who", ["Bob", "Carol"])
def test_only_administrators(client: FlaskClient, launch: Launch, made: Run, who: str) -> None:
    modal = Widget.launch(client, launch(who))
    assert "to-earlier" not in modal.page
    for verb, path in (("GET", ""), ("POST", f"/runs/{made.id}")):
        assert modal.ask(verb, f"{URL}{path}").status_code == 403
    assert db.session.scalar(select(Preview)) is None
