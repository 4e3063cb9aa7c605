"""HTTP to an API: one pooled session, never redirected, never repeated by itself."""

from __future__ import annotations

import copy
import json
import os
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Self, TypeVar, TypeVarTuple

import requests
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from spotler_plugin.rest.answer import Judge, Promise, Reply
from spotler_plugin.rest.errors import RestError
from spotler_plugin.rest.limit import Limit
from spotler_plugin.rest.session import Sign, new_session
from spotler_plugin.rest.shapes import retry_after
from spotler_plugin.rest.url import BaseUrl

CONNECT_TIMEOUT = 3.05
READ_TIMEOUT = 20.0
"""Seconds; a call as a whole takes the sum of the two at most (`limit`)."""
MAX_BYTES = 16 * 1024 * 1024
"""Of an answer after decompression: several times the largest page, a thousand contacts."""

Pace = Callable[[], None]
"""Runs before every call; what it raises stops the call."""
Observe = Callable[[str, float, int | None, float | None], None]
"""Runs after every call that `Pace` let through: `observe(endpoint, seconds, status, retry_after)`.

The endpoint is the path's template, without ids; the status is None when there was no answer;
`retry_after` is the seconds that the answer asks to wait, if it does.
"""

Args = TypeVarTuple("Args")
T = TypeVar("T")


class Transport:
    """Calls to one API with one set of credentials; each client adds its own verbs."""

    def __init__(
        self,
        url: BaseUrl,
        judge: Judge[RestError],
        *,
        sign: Sign | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`sign` puts the credentials on each request, or they stand in `headers`."""
        self._url = url
        self._judge = judge
        self._session = new_session(sign, headers or {})
        self._read_timeout = READ_TIMEOUT
        self._end: float | None = None
        self._pace: Pace | None = None
        self._observe: Observe | None = None

    def __repr__(self) -> str:
        return f"<Transport to {self._url.host}>"

    def with_timeout(self, read_timeout: float, total: float | None = None) -> Self:
        """Return a transport over the same session that waits this many seconds for an answer.

        With `total` all its calls together end within so many seconds from now.
        """
        twin = copy.copy(self)
        twin._read_timeout = read_timeout
        twin._end = None if total is None else time.monotonic() + total
        return twin

    def with_hooks(self, pace: Pace | None, observe: Observe | None) -> Self:
        """Return a transport over the same session with other hooks."""
        twin = copy.copy(self)
        twin._pace, twin._observe = pace, observe
        return twin

    def is_ours(self, url: str) -> bool:
        """Return whether a URL in an answer, also a relative one, is on the host that we call."""
        return self._url.covers(url)

    def get(self, path: str, *ids: str, params: Mapping[str, str | int] | None = None) -> Any:
        """Read; `path` is a template such as `contact/{}`, the ids are percent-encoded into it."""
        return self._call(Promise("GET", path), ids, params=params)

    def _call(
        self,
        promise: Promise,
        ids: Sequence[str],
        *,
        params: Mapping[str, str | int] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        url = self._url.of(promise.path, ids, params)
        data, sent = None, dict(headers or {})
        if body is not None:
            data = json.dumps(body, allow_nan=False).encode()
            sent["Content-Type"] = "application/json"
        if self._seconds() <= 0:
            raise self._judge.unavailable(f"{promise.endpoint}: no time is left for it.")
        if self._pace:
            self._pace()
        outcome = self._send(promise, url, sent, data)
        # Raised outside the handler: the library's error carries URL and headers with it.
        if isinstance(outcome, RestError):
            raise outcome
        return self._judge.read(promise, outcome)

    def _send(
        self, promise: Promise, url: str, headers: Mapping[str, str], data: bytes | None
    ) -> Reply | RestError:
        started = time.monotonic()
        limit = Limit(self._seconds())
        status: int | None = None
        wait: float | None = None
        try:
            with (
                limit,
                self._session.request(
                    promise.method,
                    url,
                    headers=headers,
                    data=data,
                    timeout=(CONNECT_TIMEOUT, self._read_timeout),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                status = response.status_code
                wait = retry_after(response.headers.get("Retry-After"))
                return Reply(status, wait, _content(response, limit))
        except (requests.RequestException, HTTPError) as error:
            return _failure(self._judge, promise.endpoint, error, limit)
        finally:
            if self._observe:
                self._observe(promise.endpoint, time.monotonic() - started, status, wait)

    def _seconds(self) -> float:
        """Return how long a call that begins now may take."""
        longest = CONNECT_TIMEOUT + self._read_timeout
        return longest if self._end is None else min(longest, self._end - time.monotonic())


def per_process(make: Callable[[*Args], T]) -> Callable[[*Args], T]:
    """Cache the results of `make`, the 256 last used, per arguments and process.

    A forked worker must not use its parent's connections.
    """

    @lru_cache(maxsize=256)
    def kept(_pid: int, *args: *Args) -> T:
        return make(*args)

    return lambda *args: kept(os.getpid(), *args)


def _content(response: requests.Response, limit: Limit) -> bytes | None:
    pieces, size = [], 0
    try:
        for piece in response.iter_content(64 * 1024):
            size += len(piece)
            if size > MAX_BYTES:
                return None
            pieces.append(piece)
    except (requests.RequestException, HTTPError):
        return None
    # A body of unknown length ends as if it were whole when its connection is shut down.
    return None if limit.is_over else b"".join(pieces)


def _failure(judge: Judge[RestError], endpoint: str, error: Exception, limit: Limit) -> RestError:
    if limit.never_left or _was_not_sent(error):
        return judge.unavailable(f"{endpoint}: no connection could be made.")
    if limit.is_over or isinstance(error, requests.Timeout):
        return judge.unknown(f"{endpoint}: no answer in time.")
    return judge.unknown(f"{endpoint}: the connection broke before the answer.")


def _was_not_sent(error: Exception) -> bool:
    """Return whether it is certain that the request was not sent."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.InvalidURL):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    if isinstance(reason, NewConnectionError):
        return True
    return bool(reason and reason.args and isinstance(reason.args[0], ssl.SSLCertVerificationError))
