"""From status, headers and bytes to a parsed answer or an error; no network here."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from spotler_plugin.spotler.errors import (
    ContactOptedOut,
    CredentialsRefused,
    InvalidAnswer,
    NotFound,
    RateLimited,
    Refused,
    SpotlerError,
    Unavailable,
    UnknownOutcome,
)

LONGEST_WAIT = 86_400.0
"""Seconds; a `Retry-After` beyond a day is taken for a mistake and cut to it."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a call promises, by which its answer is judged."""

    endpoint: str
    """Verb and path template, such as `GET contact/{}`: safe to log and to count."""
    writes: bool
    once: bool = False
    """Not idempotent: a 5xx may have come after it was carried out."""
    answers: Collection[int] = ()
    """Statuses outside 2xx whose JSON is an answer all the same."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came over the line."""

    status: int
    retry_after: str | None
    content: bytes | None
    """None when the body broke off, came too slowly or was too large."""


def read(promise: Promise, reply: Reply) -> Any:
    """Return the parsed JSON, None for an empty body, or raise what the reply means."""
    readable, body = _parse(reply.content)
    if 200 <= reply.status < 300:
        if readable:
            return body
        raise unexpected(promise.endpoint, promise.writes, reply.status)
    error = _error(promise, reply, body)
    if reply.status not in promise.answers or not isinstance(body, dict):
        raise error
    if isinstance(error, ContactOptedOut):
        raise error
    return body


def unexpected(endpoint: str, writes: bool, status: int | None = None) -> SpotlerError:
    """Return the error for an answer that is not what was promised."""
    if writes:
        return UnknownOutcome(f"{endpoint}: the answer cannot be understood.", status=status)
    return InvalidAnswer(f"{endpoint}: the answer cannot be understood.", status=status)


def retry_after(value: str | None) -> float | None:
    """Seconds from either form of `Retry-After`, a number or a date; None for anything else."""
    text = (value or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        return min(float(text), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((aware - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_WAIT)


def _error(promise: Promise, reply: Reply, body: Any) -> SpotlerError:
    error_type = _error_type(body)
    kind = _kind(reply.status, error_type, promise)
    message = f"{promise.endpoint}: {reply.status}" + (f" {error_type}" if error_type else "")
    return kind(
        message,
        status=reply.status,
        error_type=error_type,
        retry_after=retry_after(reply.retry_after),
    )


def _kind(status: int, error_type: str | None, promise: Promise) -> type[SpotlerError]:
    if status < 400:  # A redirect is never followed: whoever sent it is not Mail+.
        return UnknownOutcome if promise.writes else InvalidAnswer
    # On which calls and with which status this comes is unknown: spotler-api.md §12 [U].
    if status < 500 and error_type == "CONTACT_OPTOUT":
        return ContactOptedOut
    if status in (401, 403):
        return CredentialsRefused
    if status == 404:
        return NotFound
    if status == 429:
        return RateLimited
    if status == 408 or status >= 500:
        return UnknownOutcome if promise.once else Unavailable
    return Refused


def _error_type(body: Any) -> str | None:
    """The code in an error body; anything that does not look like a code is not repeated."""
    if not isinstance(body, dict):
        return None
    code = body.get("errorType") or body.get("result")
    return code if isinstance(code, str) and re.fullmatch(r"[A-Z_]{1,40}", code) else None


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
