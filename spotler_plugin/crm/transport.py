"""HTTP to the CRM: one pooled session per token, never repeated by itself."""

from __future__ import annotations

import copy
import json
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError

from spotler_plugin.crm.answer import Promise, Reply, read
from spotler_plugin.crm.errors import CrmError, Unavailable, UnknownOutcome
from spotler_plugin.crm.url import BaseUrl

MAX_BYTES = 64 * 1024 * 1024
"""Far more than a page of contacts with all their fields."""

# urllib3 writes URLs into the log; what is in them is for us to judge.
logging.getLogger("urllib3").setLevel(logging.ERROR)

Pace = Callable[[], None]
Observe = Callable[[str, float, int | None], None]


class Transport:
    """Calls to one environment's CRM.

    `pace()` runs before every call. `observe(endpoint, seconds, status)` runs after it, with the
    path's template (no ids) and None for no answer. Timeouts are in seconds; a call as a whole
    takes about `connect_timeout + read_timeout` at most.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        connect_timeout: float = 3.05,
        read_timeout: float = 20.0,
        pace: Pace | None = None,
        observe: Observe | None = None,
    ) -> None:
        if not token.isascii() or not token.isprintable():
            raise ValueError("The token cannot be sent: it holds more than printable ASCII.")
        self._url = BaseUrl(base_url)
        self._session = _session(token)
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._pace = pace
        self._observe = observe

    def __repr__(self) -> str:
        return f"<Transport to {self._url.host}>"

    def with_timeout(self, read_timeout: float) -> Self:
        """Return a transport over the same session that waits this many seconds for an answer."""
        twin = copy.copy(self)
        twin._read_timeout = read_timeout
        return twin

    def with_hooks(self, pace: Pace | None, observe: Observe | None) -> Self:
        """Return a transport over the same session with other hooks."""
        twin = copy.copy(self)
        twin._pace, twin._observe = pace, observe
        return twin

    def get(self, path: str, *ids: str, params: Mapping[str, str | int] | None = None) -> Any:
        """Read; `path` is a template such as `relations/{}`, the ids go in percent-encoded."""
        promise = Promise(f"GET {path}", writes=False)
        return self._call("GET", self._url.of(path, ids, params), promise)

    def post(self, path: str, *ids: str, body: Any, idempotency_key: str) -> Any:
        """Add something; the CRM carries out one idempotency key once."""
        promise = Promise(f"POST {path}", writes=True)
        return self._call("POST", self._url.of(path, ids), promise, body, idempotency_key)

    def patch(self, path: str, *ids: str, body: Any, idempotency_key: str) -> Any:
        """Change something; the CRM carries out one idempotency key once."""
        promise = Promise(f"PATCH {path}", writes=True)
        return self._call("PATCH", self._url.of(path, ids), promise, body, idempotency_key)

    def _call(
        self, method: str, url: str, promise: Promise, body: Any = None, key: str | None = None
    ) -> Any:
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        if promise.writes:
            headers["Idempotency-Key"] = _checked(key)
        if self._pace:
            self._pace()
        outcome = self._send(method, url, headers, data, promise.endpoint)
        # Raised outside the handler: the library's error carries URL and headers with it.
        if isinstance(outcome, CrmError):
            raise outcome
        return read(promise, outcome)

    def _send(
        self, method: str, url: str, headers: dict[str, str], data: bytes | None, endpoint: str
    ) -> Reply | CrmError:
        started = time.monotonic()
        deadline = started + self._connect_timeout + self._read_timeout
        status: int | None = None
        try:
            with self._session.request(
                method,
                url,
                headers=headers,
                data=data,
                timeout=(self._connect_timeout, self._read_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                status = response.status_code
                retry_after = response.headers.get("Retry-After")
                return Reply(status, retry_after, _content(response, deadline))
        except requests.RequestException as error:
            return _failure(endpoint, error)
        finally:
            if self._observe:
                self._observe(endpoint, time.monotonic() - started, status)


def _checked(key: str | None) -> str:
    if not key:
        raise ValueError("A write needs an idempotency key.")
    return key


def _session(token: str) -> requests.Session:
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    session.headers.update({"Accept": "application/json", "User-Agent": "spotler-plugin"})
    session.trust_env = False  # No proxy, .netrc or certificates from the surroundings.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # Whether to try again is for the caller to decide, who knows the error.
    adapter = HTTPAdapter(max_retries=0, pool_connections=1, pool_maxsize=16)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _content(response: requests.Response, deadline: float) -> bytes | None:
    content = bytearray()
    try:
        for piece in response.iter_content(64 * 1024):
            if len(content) + len(piece) > MAX_BYTES or time.monotonic() > deadline:
                return None
            content += piece
    except requests.RequestException:
        return None
    return bytes(content)


def _failure(endpoint: str, error: requests.RequestException) -> CrmError:
    if _never_left(error):
        return Unavailable(f"{endpoint}: no connection could be made.")
    if isinstance(error, requests.Timeout):
        return UnknownOutcome(f"{endpoint}: no answer in time.")
    return UnknownOutcome(f"{endpoint}: the connection broke before the answer.")


def _never_left(error: requests.RequestException) -> bool:
    """Whether it is certain that the request was not sent."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidURL):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    if isinstance(reason, NewConnectionError):
        return True
    return bool(reason and reason.args and isinstance(reason.args[0], ssl.SSLCertVerificationError))
