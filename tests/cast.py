"""Two environments and a named cast: Alice administers, Bob edits, Carol reads, all at Acme."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import jwt
import pytest
from flask import Flask

from spotler_plugin.extensions import db
from spotler_plugin.models import Connection, ConnectionState, Environment, SecretKind
from spotler_plugin.services import environment as environments

CAST = {"Alice": "admin", "Bob": "edit", "Carol": "read"}
Launch = Callable[..., str]


def _registered(key: str) -> Environment:
    origins = [f"https://{key}.crm.example"]
    environments.add(key, name="Yoobi", crm_origins=origins, crm_api="https://crm.example/api",
                     spotler_url=None, given={})  # fmt: skip
    db.session.commit()
    return db.session.query(Environment).filter_by(key=key).one()


@pytest.fixture
def environment(app: Flask) -> Environment:
    return _registered("acme")


@pytest.fixture
def other_environment(app: Flask) -> Environment:
    return _registered("bolt")


def connect(environment: Environment) -> None:
    """Give it an account of which nothing was read yet; no call is made for it."""
    db.session.add(
        Connection(environment_id=environment.id, key="key", secret="secret", key_ending="-key",
                   secret_ending="cret", state=ConnectionState.CONNECTED, connected_by="Alice",
                   proved_at=datetime.now(UTC))
    )  # fmt: skip
    db.session.commit()


@pytest.fixture
def connected(environment: Environment) -> Environment:
    """Acme with such an account."""
    connect(environment)
    return environment


@pytest.fixture
def launch(environment: Environment) -> Launch:
    """Make a launch token: launch("Bob", widget="data-block", iat=…); None leaves a claim out."""

    def token(who: str = "Bob", at: Environment = environment, **changed: Any) -> str:
        now = int(time.time())
        claims = {"iss": at.key, "aud": "spotler-plugin", "sub": who.lower(), "name": who,
                  "iat": now, "nbf": now, "exp": now + 60, "jti": uuid4().hex,
                  "widget": "contact-modal", "resource": {"type": "contact", "id": "c-1"},
                  "permission": CAST[who], "origin": at.crm_origins[0], "lang": "nl",
                  "channel": uuid4().hex}  # fmt: skip
        kept = {name: value for name, value in {**claims, **changed}.items() if value is not None}
        secret = environments.valid_secrets(at, SecretKind.LAUNCH)[0]
        return jwt.encode(kept, secret, "HS256", headers={"typ": "crm-launch+jwt"})

    return token
