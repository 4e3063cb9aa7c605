"""From status and bytes to a parsed answer or an error of the client's; no network here."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from spotler_plugin.rest.errors import RestError

E_co = TypeVar("E_co", bound=RestError, covariant=True)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a call promises, by which its answer is judged."""

    method: str
    path: str
    """A template such as `contact/{}`; ids are not in it."""
    once: bool = False
    """Not idempotent: a 5xx may have come after it was carried out."""
    answers: Collection[int] = ()
    """Statuses outside 2xx whose JSON object is an answer all the same."""

    @property
    def endpoint(self) -> str:
        """Verb and path template, such as `GET contact/{}`: safe to log and to count."""
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        """Whether it changes something on the other side."""
        return self.method != "GET"

    def takes(self, status: int, body: Any) -> bool:
        """Whether this reply outside 2xx is an answer all the same."""
        return status in self.answers and isinstance(body, dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came over the line."""

    status: int
    retry_after: float | None
    """Seconds."""
    content: bytes | None
    """None when the body broke off, came too slowly or was too large."""


@dataclass(frozen=True, slots=True)
class Judge(Generic[E_co]):
    """What a reply, or none, means in the errors of one client."""

    unavailable: type[E_co]
    """No connection was made, 408, or 5xx: the same call may succeed later."""
    unknown: type[E_co]
    """It was sent, and nobody knows what became of it."""
    invalid: type[E_co]
    """A read was answered with something else than was promised."""
    refused: type[E_co]
    """A 4xx that is not in `statuses`."""
    statuses: Mapping[int, type[E_co]]

    def read(self, promise: Promise, reply: Reply) -> Any:
        """Return the parsed JSON, None for an empty body, or raise what the reply means."""
        readable, body = _parse(reply.content)
        if 200 <= reply.status < 300:
            if readable:
                return body
            raise self.unexpected(promise.endpoint, promise.writes, reply.status)
        error = self.error(promise, reply, body)
        if error is None:
            return body
        raise error

    def error(self, promise: Promise, reply: Reply, body: Any) -> E_co | None:
        """Return what a reply outside 2xx means; None: its body is an answer all the same."""
        if promise.takes(reply.status, body):
            return None
        message = f"{promise.endpoint}: {reply.status}"
        kind = self.kind(promise, reply.status)
        return kind(message, status=reply.status, retry_after=reply.retry_after)

    def kind(self, promise: Promise, status: int) -> type[E_co]:
        """Return the error for a status outside 2xx."""
        if status < 400:  # A redirect is never followed: whoever sent it is not the API.
            return self.unknown if promise.writes else self.invalid
        if status == 408 or status >= 500:
            return self.unknown if promise.once else self.unavailable
        return self.statuses.get(status, self.refused)

    def unexpected(self, endpoint: str, writes: bool, status: int | None = None) -> E_co:
        """Return the error for an answer that is not what was promised."""
        kind = self.unknown if writes else self.invalid
        return kind(f"{endpoint}: the answer cannot be understood.", status=status)


def _parse(content: bytes | None) -> tuple[bool, Any]:
    """Whether the body can be read, and the JSON in it; an empty one reads as None."""
    if content is None:
        return False, None
    if not content.strip():
        return True, None
    try:
        return True, json.loads(content)
    except (ValueError, RecursionError):
        return False, None
