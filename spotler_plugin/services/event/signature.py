"""Whether the CRM sent a request: the Standard Webhooks signature over its bytes."""

from __future__ import annotations

from typing import Protocol

from standardwebhooks import Webhook, WebhookVerificationError

from spotler_plugin.models import Environment, SecretKind
from spotler_plugin.services.environment import valid_secrets


class Headers(Protocol):
    """The headers of a request, by names in any case."""

    def get(self, key: str, default: str) -> str: ...


HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
UNREADABLE = (WebhookVerificationError, ValueError)
"""What the library raises for a wrong signature, and for what is no signature, or no text."""


def is_signed(environment: Environment, body: bytes, headers: Headers) -> bool:
    """Return whether one of the environment's secrets signed it, less than 5 minutes ago."""
    given = {name: headers.get(name, "") for name in HEADERS}
    for secret in valid_secrets(environment, SecretKind.EVENTS):
        try:
            Webhook(secret).verify(body, given, json_parse=False)
        except UNREADABLE:
            continue
        return True
    return False
