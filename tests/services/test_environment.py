"""Secrets at rest: encrypted with the first key, and anew when that has changed."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import Flask

from demo.crm.server import DemoCrm
from demo.spotler.server import Sandbox
from spotler_plugin.extensions import cipher, db
from spotler_plugin.models import SecretKind
from spotler_plugin.services import environment
from spotler_plugin.services.account.client import find_connection
from spotler_plugin.services.connection import credentials
from tests.world.accounts import ALICE, environment_of
from tests.world.world import World

OLD, NEW = Fernet(Fernet.generate_key()), Fernet(Fernet.generate_key())


def with_keys(monkeypatch: pytest.MonkeyPatch, *keys: Fernet) -> None:
    """As after a restart with another SECRET_KEYS."""
    monkeypatch.setattr(cipher, "fernet", MultiFernet(keys))
    db.session.expire_all()


def test_the_old_key_can_go_when_all_is_encrypted_anew(
    app: Flask, sandbox: Sandbox, crm: DemoCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_keys(monkeypatch, OLD)
    acme = environment_of("acme", sandbox, crm)
    credentials.connect(acme, sandbox.key, sandbox.secret, ALICE)
    db.session.commit()
    before = environment.valid_secrets(acme, SecretKind.LAUNCH)
    with_keys(monkeypatch, NEW, OLD)

    said = app.test_cli_runner().invoke(args=["environment", "encrypt-anew"])
    assert said.exit_code == 0 and "5 secrets" in said.output

    with_keys(monkeypatch, NEW)
    assert environment.valid_secrets(acme, SecretKind.LAUNCH) == before
    row = find_connection(acme.id)
    assert row is not None and row.key == sandbox.key


def test_until_then_it_cannot(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with_keys(monkeypatch, NEW)
    with pytest.raises(InvalidToken):
        environment.valid_secrets(world.environment, SecretKind.LAUNCH)
