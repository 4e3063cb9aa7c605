"""Turn a status and bytes into a parsed answer or an error of the client; no network here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from spotler_plugin.rest.body import read_json
from spotler_plugin.rest.errors import RestError

E_co = TypeVar("E_co", bound=RestError, covariant=True)


@dataclass(frozen=True, slots=True)
class Promise:
    """What kind of call it is, by which its answer is judged."""

    method: str
    path: str
    """A template such as `contact/{}`; ids are not in it."""
    once: bool = False
    """Not idempotent: after a 5xx it may have been executed."""
    answers: Collection[int] = ()
    """Statuses outside 2xx whose JSON object is a normal answer."""

    @property
    def endpoint(self) -> str:
        """Verb and path template, such as `GET contact/{}`: safe to log and to count."""
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        """Whether it changes something on the other side."""
        return self.method != "GET"

    def takes(self, status: int, body: Any) -> bool:
        """Return whether this reply outside 2xx is a normal answer."""
        return status in self.answers and isinstance(body, dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the other side sent."""

    status: int
    retry_after: float | None
    """Seconds."""
    content: bytes | None
    """None when the body broke off, came too slowly or was too large."""


@dataclass(frozen=True, slots=True)
class Judge(Generic[E_co]):
    """Map replies, or their absence, to the errors of one client."""

    unavailable: type[E_co]
    """No connection was made, 408, or 5xx: the same call may succeed later."""
    unknown: type[E_co]
    """The call was sent, and its outcome is not known."""
    invalid: type[E_co]
    """A read had an answer of another form than expected."""
    refused: type[E_co]
    """A 4xx that is not in `statuses`."""
    statuses: Mapping[int, type[E_co]]

    def read(self, promise: Promise, reply: Reply) -> Any:
        """Return the parsed JSON, or None for an empty body; or raise the error for the reply."""
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
        """Return the error for a reply outside 2xx; None when it is a normal answer."""
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
        """Return the error for an answer of another form than expected."""
        kind = self.unknown if writes else self.invalid
        return kind(f"{endpoint}: the answer cannot be understood.", status=status)


def _parse(content: bytes | None) -> tuple[bool, Any]:
    """Return whether the body can be read, and the JSON in it; an empty one reads as None."""
    if content is None:
        return False, None
    if not content.strip():
        return True, None
    try:
        return True, read_json(content)
    except (ValueError, RecursionError):
        return False, None
