"""Whatever a launch token says, it is accepted or refused."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import uuid4

import jwt
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st

from spotler_plugin.embedding.launch_token import CLAIMS
from spotler_plugin.models import Environment, SecretKind
from spotler_plugin.services import environment as environments
from tests.fuzz.odd import budget, shaped, values, wire_texts


def launched(client: FlaskClient, token: str) -> int:
    return client.post("/launch", data={"token": token}).status_code


@given(token=wire_texts | st.binary(max_size=40).map(lambda raw: raw.decode("latin-1")))
@example("..")
@budget(100)
def test_what_is_no_token(client: FlaskClient, environment: Environment, token: str) -> None:
    assert launched(client, token) == 403


@given(claims=shaped(list(CLAIMS)))
@example({"iss": "acme\x00"})
@example({"iss": "\ud83d"})
@budget(100)
def test_what_nobody_signed(
    client: FlaskClient, environment: Environment, claims: dict[str, Any]
) -> None:
    assert launched(client, encoded(claims, "x" * 32)) == 403


@given(changed=shaped([*CLAIMS, "lang"], values | shaped(["type", "id"])))
@example({"resource": {"type": "contact", "id": "a,b"}})
@example({"resource": {"type": "contact", "id": "a..b"}})
@example({"resource": {"type": "contact", "id": "c/1"}})
@budget(150)
def test_what_the_crm_signed(
    client: FlaskClient, environment: Environment, changed: dict[str, Any]
) -> None:
    now = int(time.time())
    claims = {"iss": "acme", "aud": "spotler-plugin", "sub": "bob", "name": "Bob", "iat": now,
              "nbf": now, "exp": now + 60, "jti": uuid4().hex, "widget": "contact-modal",
              "resource": {"type": "contact", "id": "c-1"}, "permission": "edit",
              "origin": environment.crm_origins[0], "channel": uuid4().hex}  # fmt: skip
    secret = environments.valid_secrets(environment, SecretKind.LAUNCH)[0]
    status = launched(client, encoded(claims | changed, secret))
    assert status in (200, 403)
    if "resource" in changed:
        assert status == 403


def encoded(claims: dict[str, Any], secret: str) -> str:
    """Signed past PyJWT, which looks at what it is given."""
    body = json.dumps(claims).encode()
    return jwt.PyJWS().encode(body, secret, "HS256", headers={"typ": "crm-launch+jwt"})
