"""Connecting an account: proved before it is kept, never half, never another environment's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import responses
from flask import Flask
from sqlalchemy import text

from demo.crm.server import DemoCrm
from demo.spotler.faults import Fault
from demo.spotler.server import Sandbox
from spotler_plugin.extensions import db
from spotler_plugin.models import Connection, ConnectionState, Environment, MappingRow
from spotler_plugin.services.account.client import (
    NotConnected,
    client_of,
    find_connection,
)
from spotler_plugin.services.account.proof import note_refusal
from spotler_plugin.services.catalogue.store import Counts, count_catalogue
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.connection.credentials import KeyRefused, SpotlerAway
from spotler_plugin.services.mapping.rules import rules_of
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.spotler import RateLimited
from tests.world.accounts import ALICE, NOWHERE, environment_of


@pytest.fixture
def acme(app: Flask, sandbox: Sandbox, crm: DemoCrm) -> Environment:
    return environment_of("acme", sandbox, crm)


def pairs(environment: Environment) -> dict[str, str]:
    return {row.field: row.property for row in rules_of(environment.id).rows}


def test_connecting_proves_keeps_reads_and_maps(acme: Environment, sandbox: Sandbox) -> None:
    found = credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    db.session.commit()

    row = find_connection(acme.id)
    assert row is not None
    assert (row.key, row.secret) == (sandbox.key, sandbox.secret)
    assert row.key_ending == sandbox.key[-4:] and row.secret_ending == sandbox.secret[-4:]
    assert row.state is ConnectionState.CONNECTED
    assert row.connected_by == "Alice de Vries"
    assert found.crm_read and found.automations_listed
    assert found.counts.permissions == 8
    assert pairs(acme) == {
        "first_name": "firstName",
        "initials": "initials",
        "infix": "infix",
        "last_name": "lastName",
        "phone": "phoneNumber",
        "mobile": "mobileNumber",
    }
    assert acme.mapping_version == 1


def test_key_and_secret_are_not_readable_at_rest(acme: Environment, sandbox: Sandbox) -> None:
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    db.session.commit()
    stored = db.session.execute(text("SELECT * FROM connection")).one()
    assert sandbox.secret not in repr(stored) and sandbox.key not in repr(stored)


BAD: list[tuple[str, dict[str, Any], type[Exception]]] = [
    ("wrong key", {"kind": "unauthorized"}, KeyRefused),
    ("not licensed", {"kind": "forbidden"}, KeyRefused),
    ("a page", {"kind": "html"}, SpotlerAway),
    ("half an answer", {"kind": "half_json", "when": "after"}, SpotlerAway),
    ("out of order", {"kind": "backend_exception"}, SpotlerAway),
    ("maintenance", {"kind": "unavailable"}, SpotlerAway),
    ("too many calls", {"kind": "rate_limit"}, SpotlerAway),
    ("cut off", {"kind": "drop"}, SpotlerAway),
    ("too slow", {"kind": "delay", "seconds": 1.0}, SpotlerAway),
]


@pytest.mark.parametrize(("fault", "error"), [row[1:] for row in BAD], ids=[r[0] for r in BAD])
def test_what_is_not_proved_is_not_kept(
    acme: Environment,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],
    error: type[Exception],
) -> None:
    monkeypatch.setattr(credentials, "SCREEN_TIMEOUT", 0.3)
    sandbox.state.faults.add({**fault, "path": "/contact/properties/list"})
    with pytest.raises(error):
        credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    db.session.commit()
    assert find_connection(acme.id) is None
    assert pairs(acme) == {} and count_catalogue(acme.id).properties == 0


@pytest.mark.parametrize("key", ["wrong", "🔑", "x" * 300, "a b", "é", "%00"])
def test_no_key_breaks_the_way_there(acme: Environment, key: str) -> None:
    with pytest.raises(KeyRefused):
        credentials.connect(acme, key, key, ALICE)


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b'[{"name": 1}]', b"[1]", b"<html>"])
def test_an_answer_of_another_shape_is_no_proof(acme: Environment, body: bytes) -> None:
    acme.spotler_url = "http://spotler.example/integrationservice"
    db.session.commit()
    with responses.RequestsMock() as wire:
        wire.get(f"{acme.spotler_url}/contact/properties/list", body=body)
        with pytest.raises(SpotlerAway):
            credentials.connect(acme, "key", "secret", ALICE)
    assert find_connection(acme.id) is None


def test_a_key_is_tried_whatever_spotler_asked_of_runs(acme: Environment, sandbox: Sandbox) -> None:
    """A `Retry-After` of 30 years made that no key could be entered for a day."""
    sandbox.state.faults.add(
        {"kind": "rate_limit", "path": "/contact/properties/list", "times": 1,
         "retry_after": 999_999_999}
    )  # fmt: skip
    with pytest.raises(SpotlerAway):
        credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    with pytest.raises(RateLimited) as refusal:
        client_of(acme).properties.list()
    assert 890 < (refusal.value.retry_after or 0) <= 900


def test_a_wrong_key_leaves_the_one_that_works(acme: Environment, sandbox: Sandbox) -> None:
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    db.session.commit()
    with pytest.raises(KeyRefused):
        credentials.connect(acme, "wrong", "wrong", ALICE)
    row = find_connection(acme.id)
    assert row is not None and row.key == sandbox.key and row.state is ConnectionState.CONNECTED


def test_replacing_keeps_the_mapping(acme: Environment, sandbox: Sandbox) -> None:
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    db.session.query(MappingRow).filter(MappingRow.field != "phone").delete()
    db.session.commit()
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    db.session.commit()
    assert pairs(acme) == {"phone": "phoneNumber"}
    assert db.session.query(Connection).count() == 1


def test_a_mapping_that_was_emptied_is_not_made_again(acme: Environment, sandbox: Sandbox) -> None:
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    db.session.query(MappingRow).delete()
    db.session.commit()
    credentials.test(acme)
    assert pairs(acme) == {}


def test_a_crm_that_is_away_does_not_stop_connecting(
    app: Flask, sandbox: Sandbox, crm: DemoCrm
) -> None:
    acme = environment_of("acme", sandbox, None)
    found = credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    db.session.commit()
    assert not found.crm_read and find_connection(acme.id) is not None
    assert pairs(acme) == {}

    acme.crm_api = crm.api_url
    acme.secrets[0].value = acme.secrets[1].value = acme.secrets[2].value = crm.settings.api_token
    db.session.commit()
    found = credentials.test(acme)
    assert found.crm_read and len(pairs(acme)) == 6


@pytest.mark.parametrize("path", ["/automation/list", "/campaign/list"])
@pytest.mark.parametrize("kind", ["forbidden", "backend_exception", "html"])
def test_an_account_without_automations_connects(
    acme: Environment, sandbox: Sandbox, path: str, kind: str
) -> None:
    sandbox.state.faults.add({"kind": kind, "path": path})
    found = credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    assert found.automations_listed is (path == "/campaign/list")
    assert found.counts.properties


def test_testing_notes_a_refusal_and_a_repair(acme: Environment, sandbox: Sandbox) -> None:
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    db.session.commit()
    sandbox.state.settings.revoked = True
    with pytest.raises(KeyRefused):
        credentials.test(acme)
    db.session.commit()
    db.session.expire_all()
    row = find_connection(acme.id)
    assert row is not None and row.state is ConnectionState.REFUSED and row.refused_at

    sandbox.state.settings.revoked = False
    credentials.test(acme)
    db.session.commit()
    db.session.expire_all()
    row = find_connection(acme.id)
    assert row is not None and row.state is ConnectionState.CONNECTED and row.refused_at is None


def test_out_of_reach_says_nothing_of_the_key(acme: Environment, sandbox: Sandbox) -> None:
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    acme.spotler_url = NOWHERE
    db.session.commit()
    with pytest.raises(SpotlerAway):
        credentials.test(acme)
    row = find_connection(acme.id)
    assert row is not None and row.state is ConnectionState.CONNECTED


def test_disconnecting_forgets_the_secrets_and_keeps_the_rest(
    acme: Environment, sandbox: Sandbox
) -> None:
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    credentials.disconnect(acme)
    db.session.commit()
    assert find_connection(acme.id) is None
    assert len(pairs(acme)) == 6
    with pytest.raises(NotConnected):
        client_of(acme)
    with pytest.raises(NotConnected):
        credentials.test(acme)


def test_nothing_is_locked_while_spotler_thinks(
    acme: Environment, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, seen = db.session(), []
    answer = sandbox.state.faults.draw

    def draw(method: str, path: str) -> Fault | None:
        seen.append((path, ours.in_transaction()))
        return answer(method, path)

    monkeypatch.setattr(sandbox.state.faults, "draw", draw)
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    assert [busy for _path, busy in seen] == [False] * 3


def test_another_environment_sees_nothing_of_it(
    acme: Environment, sandbox: Sandbox, crm: DemoCrm
) -> None:
    other = environment_of("other", sandbox, crm)
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    db.session.commit()
    assert find_connection(other.id) is None
    assert count_catalogue(other.id) == Counts(0, 0, 0, 0)
    assert rules_of(other.id).rows == [] and saved_mapping(other.id) == {}
    note_refusal(other.id, datetime.now(UTC))
    credentials.disconnect(other)
    db.session.commit()
    row = find_connection(acme.id)
    assert row is not None and row.state is ConnectionState.CONNECTED
