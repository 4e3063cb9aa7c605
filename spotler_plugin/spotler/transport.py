"""HTTP to Mail+: one pooled session per account, signed per call, never repeated by itself."""

from __future__ import annotations

import copy
import json
import logging
import ssl
import time
from collections.abc import Callable, Collection, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Self

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError

from spotler_plugin.spotler.answer import Promise, Reply, read, retry_after
from spotler_plugin.spotler.auth import signer
from spotler_plugin.spotler.errors import SpotlerError, Unavailable, UnknownOutcome
from spotler_plugin.spotler.url import BaseUrl

MAX_BYTES = 64 * 1024 * 1024
"""A page of 10,000 contacts, the most that Spotler gives, stays well under this."""

# urllib3 writes URLs into the log, and the URL of a search holds an address.
logging.getLogger("urllib3").setLevel(logging.ERROR)

Pace = Callable[[], None]
Observe = Callable[[str, float, int | None, float | None], None]


class Transport:
    """Calls to one account.

    `pace()` runs before every call. `observe(endpoint, seconds, status, retry_after)` runs after
    each that `pace` let through, with the path's template (no ids), None for no answer, and the
    seconds that the answer asks to wait, if it does. Timeouts are in seconds; a call as a whole
    takes about `connect_timeout + read_timeout` at most.
    """

    def __init__(
        self,
        base_url: str,
        key: str,
        secret: str,
        *,
        connect_timeout: float = 3.05,
        read_timeout: float = 20.0,
        pace: Pace | None = None,
        observe: Observe | None = None,
    ) -> None:
        self._url = BaseUrl(base_url)
        self._session = _session(key, secret)
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
        """Read; `path` is a template such as `contact/{}`, the ids go in percent-encoded."""
        promise = Promise(f"GET {path}", writes=False)
        return self._call("GET", self._url.of(path, ids, params), promise)

    def post(
        self,
        path: str,
        *ids: str,
        body: Any = None,
        once: bool = False,
        answers: Collection[int] = (),
    ) -> Any:
        """Write; `once` and `answers` as in `Promise`."""
        promise = Promise(f"POST {path}", writes=True, once=once, answers=answers)
        return self._call("POST", self._url.of(path, ids), promise, body)

    def put(self, path: str, *ids: str, body: Any = None) -> Any:
        """Write what exists."""
        promise = Promise(f"PUT {path}", writes=True)
        return self._call("PUT", self._url.of(path, ids), promise, body)

    def is_ours(self, url: str) -> bool:
        """Whether a URL from an answer, relative ones included, is on the host that we call."""
        return self._url.covers(url)

    def _call(self, method: str, url: str, promise: Promise, body: Any = None) -> Any:
        headers = {} if body is None else {"Content-Type": "application/json"}
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        if self._pace:
            self._pace()
        outcome = self._send(method, url, headers, data, promise.endpoint)
        # Raised outside the handler: the library's error carries URL and headers with it.
        if isinstance(outcome, SpotlerError):
            raise outcome
        return read(promise, outcome)

    def _send(
        self, method: str, url: str, headers: dict[str, str], data: bytes | None, endpoint: str
    ) -> Reply | SpotlerError:
        started = time.monotonic()
        deadline = started + self._connect_timeout + self._read_timeout
        status: int | None = None
        wait: str | None = None
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
                wait = response.headers.get("Retry-After")
                return Reply(status, wait, _content(response, deadline))
        except requests.RequestException as error:
            return _failure(endpoint, error)
        finally:
            if self._observe:
                self._observe(endpoint, time.monotonic() - started, status, retry_after(wait))


def _session(key: str, secret: str) -> requests.Session:
    session = requests.Session()
    session.auth = signer(key, secret)
    session.headers.update({"Accept": "application/json", "User-Agent": "spotler-plugin"})
    session.trust_env = False  # No proxy, .netrc or certificates from the surroundings.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # No retries: urllib3 would send the same nonce and signature once more.
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


def _failure(endpoint: str, error: requests.RequestException) -> SpotlerError:
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
