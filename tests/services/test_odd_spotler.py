"""Texts that no database keeps, wherever Spotler has one: all that reads the account goes on."""

from __future__ import annotations

import json

import pytest
import responses
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    BackupCause,
    BackupState,
    Drift,
    DriftState,
    Environment,
    Feed,
    MirrorContact,
)
from spotler_plugin.services.backup.request import request_backup
from spotler_plugin.services.capture import advance_backup
from spotler_plugin.services.catalogue.store import count_catalogue
from spotler_plugin.services.connection.credentials import refresh
from spotler_plugin.services.drift.advance import advance_drift
from spotler_plugin.services.drift.request import request_drift
from spotler_plugin.services.feed.follow import follow_feed, read_everybody

SPOTLER, CRM = "https://spotler.example/integrationservice", "https://crm.example/api"
LONG_AGO = "2026-01-01T00:00:00Z"


def serve(wire: responses.RequestsMock, odd: str) -> None:
    """The account has the odd text in all places of one thing of each kind, beside a good one."""
    entries = [{"bit": 1, "description": odd, "rank": 1}, {"bit": 2, "description": "Nieuws"}]
    properties = [
        {"name": odd, "description": odd, "type": odd},
        {"name": "city", "description": odd, "type": "string"},
        {"name": "interests", "description": odd, "type": "set", "entries": entries},
        {"name": "permissions", "description": odd, "type": "set", "entries": entries},
    ]
    automations = [
        {"id": odd, "name": odd, "active": True, "triggers": [{"code": odd, "name": odd}]},
        {"id": "a", "name": odd, "active": True, "triggers": [{"code": "c", "name": odd}]},
    ]
    campaigns = [
        {"encryptedId": odd, "name": odd, "active": True, "triggers": [{"encryptedId": odd}]},
        {"encryptedId": "e", "name": odd, "active": True, "triggers": [{"encryptedId": "t"}]},
    ]
    values = {"email": odd, "firstName": odd, "infix": odd, "lastName": odd, "city": odd, odd: odd}
    bits = [{"bit": odd, "enabled": odd}, {"bit": 1, "enabled": False}]
    contacts = [
        {
            "encryptedId": "e1",
            "externalId": odd,
            "properties": values | {"permissions": bits},
            "channels": [{"name": odd, "value": odd}],
            "lastChanged": LONG_AGO,
            "created": odd,
        },
        {"encryptedId": odd, "externalId": "c-2", "properties": values, "lastChanged": odd},
        {
            "encryptedId": "e3",
            "externalId": "c-3",
            "lastChanged": LONG_AGO,
            "properties": {"email": "zoe@example.nl", "firstName": "Zoë"},
        },
    ]
    bounces = [
        {"date": odd, "type": odd, "contact": {"encryptedId": odd, "externalId": odd}},
        {"date": LONG_AGO, "type": "HARD", "contact": {"encryptedId": odd}},
    ]
    answers = {
        "contact/properties/list": properties,
        "automation/list": automations,
        "campaign/list": campaigns,
        "contact/updates/list": {"contacts": contacts},
        "contact/bounces/list": {"bounces": bounces},
    }
    for path, body in answers.items():
        wire.get(f"{SPOTLER}/{path}", body=json.dumps(body))
    fields = [
        {
            "name": odd,
            "label": odd,
            "type": odd,
            "entity": "contact",
            "choices": [{"value": odd, "label": odd}],
        },
        {"name": "email", "label": odd, "type": "email", "entity": "contact"},
    ]
    wire.get(f"{CRM}/fields", body=json.dumps({"fields": fields}))
    wire.get(f"{CRM}/contacts", json={"contacts": [], "missing": []})


@pytest.mark.parametrize(
    "odd",
    ["x" * 10_000, "\x00", "a\x00b", "half \ud83d", "\u200b\ufeff", "İ" * 300,
     "é" * 5000 + "\x00\ud83d", f"{'z' * 400}@example.nl"],
    ids=["long", "nul", "nul in one", "half", "unseen", "grows", "all", "address"],
)  # fmt: skip
def test_all_is_read(connected: Environment, odd: str) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        serve(wire, odd)
        refresh(connected.id)
        while follow_feed(connected.id) and read_everybody(connected.id):
            pass
        backup = request_backup(connected.id, BackupCause.PERSON, None)
        # The second one finds what the feed should have told.
        drifts = [compared(connected) for _ in range(2)]
        while advance_backup(connected.id, backup.id):
            pass
    db.session.expire_all()
    feed = db.session.scalars(select(Feed)).one()
    assert feed.error is None and feed.full_finished_at is not None
    assert {each.state for each in drifts} == {DriftState.READY}
    assert backup.state is BackupState.COMPLETE and backup.found + backup.skipped == 3
    known = db.session.scalars(select(MirrorContact.external_id)).all()
    assert "c-3" in known and len(known) == 3 - feed.skipped
    counts = count_catalogue(connected.id)
    assert counts.permissions == 2 and min(counts.properties, counts.automations) >= 2


def compared(owner: Environment) -> Drift:
    row = request_drift(owner, None)
    db.session.commit()
    while advance_drift(owner.id, row.id):
        pass
    db.session.refresh(row)
    return row
