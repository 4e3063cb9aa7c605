"""Terugzetten: which part of a backup, what would happen, and back to the form."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import responses
from flask.testing import FlaskClient
from sqlalchemy import select

from spotler_plugin.extensions import db, redis_server
from spotler_plugin.models import (
    Backup,
    BackupCause,
    BackupKind,
    BackupState,
    Environment,
    Link,
    MirrorContact,
    Preview,
    Property,
    Run,
    RunKind,
)
from spotler_plugin.planning.backup.contact import FORMAT, BackedUp
from spotler_plugin.planning.backup.layout import Column, Form, Layout
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.backup.chunks import Chunks
from spotler_plugin.services.backup.seal import new_key
from spotler_plugin.services.preview.compute import advance_preview
from tests.blueprints.conftest import CRM
from tests.blueprints.widget import Widget, words
from tests.cast import Launch


@pytest.fixture
def backup(environment: Environment) -> Backup:
    """Zoë lived in Rotterdam; now it is Delft."""
    owner, now = environment.id, datetime.now(UTC)
    zoe = {"email": "zoe@example.nl", "firstName": "Zoë"}
    columns = tuple(
        Column(name, label) for name, label in (("city", "Plaats"), ("firstName", "Voornaam"))
    )
    db.session.add(Link(environment_id=owner, contact_id="c-1", linked_at=now))
    db.session.add(
        MirrorContact(environment_id=owner, external_id="c-1", address="zoe@example.nl",
                      active=True, permissions={}, properties={**zoe, "city": "Delft"},
                      observed_at=now)
    )  # fmt: skip
    for each in columns:
        db.session.add(
            Property(environment_id=owner, name=each.name, description=each.label, type="string",
                     entries=[])
        )  # fmt: skip
    row = Backup(id=uuid4(), environment_id=owner, kind=BackupKind.SPOTLER,
                 cause=BackupCause.PERSON, state=BackupState.OPEN, created_at=now, due_at=now,
                 key=new_key(), format=FORMAT, layout=Layout(columns))  # fmt: skip
    row.found = row.chunks = row.size = 0
    db.session.add(row)
    db.session.flush()
    Chunks(row).add(row, [BackedUp("c-1", "e-1", {**zoe, "city": "Rotterdam"})])
    row.state = BackupState.COMPLETE
    db.session.commit()
    return row


@pytest.fixture
def at_crm(wire: responses.RequestsMock) -> None:
    """The CRM still has her."""
    person = {"id": "c-1", "relation_id": None, "primary": False, "active": True, "version": 1,
              "fields": {"first_name": "Zoë"}}  # fmt: skip
    wire.get(f"{CRM}/contacts", json={"contacts": [person], "missing": []})


def url(backup_id: UUID) -> str:
    return f"/admin/backups/{backup_id}/restore"


def test_all_is_chosen_at_first_and_something_must_be(admin: Widget, backup: Backup) -> None:
    shown = admin.get(url(backup.id))
    assert "Elk gekozen veld wordt weer precies wat het was" in words(shown)
    assert shown.text.count("checked") == 2, "each field, and no permission"
    refused = admin.ask("POST", url(backup.id))
    assert refused.status_code == 422 and "Kies minstens één veld." in words(refused)


def test_what_spotler_calls_otherwise_by_now_is_told(admin: Widget, backup: Backup) -> None:
    interests = Column(
        "interests", "Interesses", PropertyType.SET, Form.SET, {1: "Golf", 2: "Beurs"}
    )
    columns = (*backup.layout.columns, interests, Column("fax", "Fax"))
    backup.layout = Layout(columns, {1: "Maandelijks"})
    entries = [{"bit": 1, "description": "Tennis"}, {"bit": 2, "description": "Beurs"}]
    db.session.add(
        Property(environment_id=backup.environment_id, name="interests", description="Interesses",
                 type="set", entries=entries)
    )  # fmt: skip
    db.session.commit()
    shown = words(admin.get(url(backup.id)))
    assert "Deze velden heeft Spotler niet meer, of als een andere soort: email, Fax." in shown
    assert "Deze keuzes bij Interesses heten in Spotler nu anders" in shown and ": Golf." in shown
    assert "Deze permissies heten in Spotler nu anders" in shown and ": Maandelijks." in shown


@pytest.mark.usefixtures("at_crm")
def test_it_is_shown_agreed_with_and_told(admin: Widget, backup: Backup) -> None:
    asked = words(admin.ask("POST", url(backup.id), names="city", query="zoe@", switches="1"))
    assert "We rekenen eerst uit wat er teruggaat." in asked
    row = db.session.scalars(select(Preview)).one()
    assert row.restore == Restore(("city",), "zoe@", switches=True)
    while advance_preview(row.environment_id, row.id):
        pass
    redis_server.queue.flushdb()
    shown = words(admin.get(f"/admin/previews/{row.id}"))
    assert "Voor 1 gevonden contactpersoon." in shown
    assert "Terugzetten: Back-up door onbekend, " in shown
    assert "Plaats Delft → wordt Rotterdam" in shown

    form = admin.get(f"/admin/previews/{row.id}/mapping")
    assert 'value="zoe@"' in form.text and form.text.count("checked") == 2
    agreed = words(admin.ask("POST", f"/admin/previews/{row.id}"))
    assert "De back-up wordt teruggezet. " in agreed and "Back-up teruggezet door Alice" in agreed
    assert "Back-up door onbekend, " in agreed, "which one"
    run = db.session.scalars(select(Run)).one()
    assert (run.kind, run.restores_id, run.selected) == (RunKind.RESTORE, backup.id, 1)


def test_of_nobody_there_is_nothing_to_agree_with(admin: Widget, backup: Backup) -> None:
    admin.ask("POST", url(backup.id), names="city", query="niemand@")
    row = db.session.scalars(select(Preview)).one()
    advance_preview(row.environment_id, row.id)
    redis_server.queue.flushdb()
    shown = admin.get(f"/admin/previews/{row.id}")
    assert "Er is geen gekoppelde contactpersoon gevonden voor „niemand@”." in words(shown)
    assert 'id="back"' in shown.text and 'id="confirm"' not in shown.text


def test_of_one_that_is_not_complete_nothing_is_put_back(admin: Widget, backup: Backup) -> None:
    backup.state = BackupState.FAILED
    db.session.commit()
    assert admin.get(url(backup.id)).status_code == 404
    assert admin.ask("POST", url(backup.id), names="city").status_code == 404


def test_not_anothers_and_only_for_administrators(
    client: FlaskClient, launch: Launch, other_environment: Environment, backup: Backup
) -> None:
    token = launch("Alice", other_environment, widget="admin", resource={"type": "none"})
    theirs = Widget.launch(client, token)
    assert theirs.get(url(backup.id)).status_code == 404
    assert theirs.ask("POST", url(backup.id), names="city").status_code == 404
    for who in ("Bob", "Carol"):
        widget = Widget.launch(client, launch(who, widget="contact-modal"))
        assert widget.ask("POST", url(backup.id), names="city").status_code == 403
    assert db.session.scalars(select(Preview)).all() == []
