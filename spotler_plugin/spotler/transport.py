"""HTTP to Mail+: signed per call, one pooled session per account."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from spotler_plugin.rest import transport
from spotler_plugin.rest.answer import Promise
from spotler_plugin.rest.url import BaseUrl
from spotler_plugin.spotler.answer import JUDGE
from spotler_plugin.spotler.auth import signer


class Transport(transport.Transport):
    """Calls to one account; what goes wrong is a SpotlerError."""

    def __init__(self, base_url: str, key: str, secret: str) -> None:
        super().__init__(BaseUrl(base_url), JUDGE, sign=signer(key, secret))

    def post(
        self,
        path: str,
        *ids: str,
        body: Any = None,
        once: bool = False,
        answers: Collection[int] = (),
    ) -> Any:
        """Write; `once` and `answers` as in `Promise`."""
        return self._call(Promise("POST", path, once=once, answers=answers), ids, body=body)

    def put(self, path: str, *ids: str, body: Any = None) -> Any:
        """Change something that exists."""
        return self._call(Promise("PUT", path), ids, body=body)
