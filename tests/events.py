"""Events as the CRM signs and sends them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from standardwebhooks import Webhook
from werkzeug.test import TestResponse

from spotler_plugin.models import Environment, SecretKind
from spotler_plugin.services.environment import valid_secrets


def body_of(kind: str, **data: Any) -> bytes:
    """An event of this moment."""
    told = {"type": kind, "timestamp": datetime.now(UTC).isoformat(), "data": data}
    return json.dumps(told).encode()


def signed(environment: Environment, body: bytes, **given: Any) -> dict[str, str]:
    """The headers of a body: `id`, `at` and `secret` as the test wants them."""
    at = given.get("at", datetime.now(UTC))
    id = given.get("id", uuid4().hex)
    secret = given.get("secret") or valid_secrets(environment, SecretKind.EVENTS)[0]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(id, at, body.decode()),
    }


def send(client: FlaskClient, environment: Environment, body: bytes, **given: Any) -> TestResponse:
    """Send it as the CRM does."""
    headers = signed(environment, body, **given)
    return client.post(f"/events/{environment.key}", data=body, headers=headers)
