"""What the plugin answers is what its document says, whatever is sent."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import jwt
import pytest
import requests
from flask import Flask
from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation

from spotler_plugin.embedding import seal, unverified_claims, verify
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, SecretKind
from spotler_plugin.services.environment import valid_secrets
from tests.cast import Launch
from tests.contract.asking import all_checks, ask, described, is_allowed
from tests.contract.port import on_a_port

pytestmark = pytest.mark.filterwarnings(
    # Said of a fault that a list of too many ids finds, which it would hide.
    "ignore:Generating overly large repr:hypothesis.errors.HypothesisWarning"
)


@dataclass(frozen=True)
class Signer:
    """The CRM's server, as far as it signs. It asks no database, because it works on threads."""

    launch_secret: str
    events_secret: str
    claims: Mapping[str, Any]

    def token(self) -> str:
        now = int(time.time())
        fresh = {"iat": now, "nbf": now, "exp": now + 60, "jti": uuid4().hex}
        claims = {**self.claims, **fresh}
        return jwt.encode(claims, self.launch_secret, "HS256", headers={"typ": "crm-launch+jwt"})

    def sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign the bytes that are sent, which need not be text."""
        body = request.body or b""
        sent = body if isinstance(body, bytes) else body.encode()
        id, at = uuid4().hex, str(int(time.time()))
        key = base64.b64decode(self.events_secret.removeprefix("whsec_"))
        mac = base64.b64encode(hmac.digest(key, f"{id}.{at}.".encode() + sent, "sha256"))
        signature = f"v1,{mac.decode()}"
        request.headers["webhook-id"] = id
        request.headers["webhook-timestamp"] = at
        request.headers["webhook-signature"] = signature
        return request

    def prepare(self, case: Case[Any]) -> Mapping[str, Any] | None:
        """Sign, but where the headers themselves are what is wrong."""
        if case.path.startswith("/events/"):
            told: Any = case.body
            if is_allowed(case) and told["type"] == "contact.merged":
                # Two contacts: no schema can say that they differ.
                told["data"] |= {"kept_id": "c-1", "merged_id": "c-2"}
            wrong = case.meta is not None and case.meta.is_negative_at(ParameterLocation.HEADER)
            return None if wrong else {"auth": self.sign}
        if case.path in ("/launch", "/session") and is_allowed(case):
            case.body = {"token": self.token()}
        return None


def test_the_plugin(app: Flask, environment: Environment, launch: Launch) -> None:
    app.testing = False  # A mistake of ours is answered, as in production.
    claims = unverified_claims(launch())
    token = launch()
    tokens = {
        "apiToken": valid_secrets(environment, SecretKind.API)[0],
        "session": seal(verify(token, unverified_claims(token))),
    }
    signer = Signer(
        valid_secrets(environment, SecretKind.LAUNCH)[0],
        valid_secrets(environment, SecretKind.EVENTS)[0],
        claims,
    )
    db.session.commit()
    with on_a_port(app) as url:
        outcome = ask(
            described("plugin.yaml", url, tokens, environment=environment.key), signer.prepare
        )
    assert not outcome.faults, "\n\n".join(outcome.faults)
    assert all_checks() - outcome.checks == set()
    for call, answers in outcome.answers.items():
        assert 429 not in answers, f"{call} was asked so often that no more was looked at"
        assert answers[200] + answers[202] > 2, f"{call} was hardly ever answered: {answers}"
