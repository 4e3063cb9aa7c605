"""HTTP to the CRM: a token, an idempotency key on every write, one pooled session per token."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from spotler_plugin.crm.answer import JUDGE
from spotler_plugin.crm.errors import TokenRefused
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
        self._next: Transport | None = None
        self._on_refusal: Callable[[], None] | None = None
        self._is_refused = False

    def followed_by(
        self, *others: Transport, on_refusal: Callable[[], None] | None = None
    ) -> Transport:
        """Return a transport that goes on with the next token when the CRM refuses this one."""
        if not others:
            return self
        twin = copy.copy(self)
        twin._next = others[0].followed_by(*others[1:])
        twin._on_refusal = on_refusal
        return twin

    def post(self, path: str, *ids: str, body: Any, idempotency_key: str) -> Any:
        """Create something; the CRM executes one idempotency key once."""
        return self._call(Promise("POST", path), ids, body=body, headers=_key(idempotency_key))

    def patch(self, path: str, *ids: str, body: Any, idempotency_key: str) -> Any:
        """Change something; the CRM executes one idempotency key once."""
        return self._call(Promise("PATCH", path), ids, body=body, headers=_key(idempotency_key))

    def _call(self, *args: Any, **named: Any) -> Any:
        if self._is_refused and self._next is not None:
            return self._next._call(*args, **named)
        try:
            return super()._call(*args, **named)
        except TokenRefused:
            if self._next is None:
                raise
        # Nothing was done yet, so the same call is made again, with the same key.
        answer = self._next._call(*args, **named)
        self._is_refused = True
        if self._on_refusal:
            self._on_refusal()
        return answer


def _key(idempotency_key: str) -> dict[str, str]:
    if not idempotency_key:
        raise ValueError("A write needs an idempotency key.")
    return {"Idempotency-Key": idempotency_key}
