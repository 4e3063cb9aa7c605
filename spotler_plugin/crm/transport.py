"""HTTP to the CRM: a token, an idempotency key on every write, one pooled session per token."""

from __future__ import annotations

from typing import Any

from spotler_plugin.crm.answer import JUDGE
from spotler_plugin.rest import transport
from spotler_plugin.rest.answer import Promise
from spotler_plugin.rest.url import BaseUrl


class Transport(transport.Transport):
    """Calls to one environment's CRM; what goes wrong is a CrmError."""

    def __init__(self, base_url: str, token: str) -> None:
        if not token.isascii() or not token.isprintable():
            raise ValueError("The token cannot be sent: it holds more than printable ASCII.")
        # A hundred GUIDs with encoded commas would exceed the 4 kB that many servers accept.
        url = BaseUrl(base_url, plain=",")
        super().__init__(url, JUDGE, headers={"Authorization": f"Bearer {token}"})

    def post(self, path: str, *ids: str, body: Any, idempotency_key: str) -> Any:
        """Create something; the CRM executes one idempotency key once."""
        return self._call(Promise("POST", path), ids, body=body, headers=_key(idempotency_key))

    def patch(self, path: str, *ids: str, body: Any, idempotency_key: str) -> Any:
        """Change something; the CRM executes one idempotency key once."""
        return self._call(Promise("PATCH", path), ids, body=body, headers=_key(idempotency_key))


def _key(idempotency_key: str) -> dict[str, str]:
    if not idempotency_key:
        raise ValueError("A write needs an idempotency key.")
    return {"Idempotency-Key": idempotency_key}
