"""From status, headers and bytes to a parsed answer or an error; no network here."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from spotler_plugin.crm.errors import (
    Conflict,
    CrmError,
    InvalidAnswer,
    NotFound,
    RateLimited,
    Refused,
    TokenRefused,
    Unavailable,
    UnknownOutcome,
)

LONGEST_WAIT = 86_400.0
"""Seconds; a `Retry-After` beyond a day is taken for a mistake and cut to it."""

KINDS: dict[int, type[CrmError]] = {
    401: TokenRefused,
    403: TokenRefused,
    404: NotFound,
    408: Unavailable,
    409: Conflict,
    429: RateLimited,
}


@dataclass(frozen=True, slots=True)
class Promise:
    """What a call promises, by which its answer is judged."""

    endpoint: str
    """Verb and path template, such as `GET relations/{}`: safe to log and to count."""
    writes: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """What came over the line."""

    status: int
    retry_after: str | None
    content: bytes | None
    """None when the body broke off, came too slowly or was too large."""


def read(promise: Promise, reply: Reply) -> Any:
    """Return the parsed JSON, None for an empty body, or raise what the reply means."""
    if 200 <= reply.status < 300:
        try:
            return _parse(reply.content)
        except (ValueError, RecursionError):
            raise unexpected(promise.endpoint, promise.writes, reply.status) from None
    kind = _kind(reply.status, promise.writes)
    raise kind(
        f"{promise.endpoint}: {reply.status}",
        status=reply.status,
        retry_after=retry_after(reply.retry_after),
    )


def unexpected(endpoint: str, writes: bool, status: int | None = None) -> CrmError:
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


def _kind(status: int, writes: bool) -> type[CrmError]:
    if status < 400:  # A redirect is never followed: whoever sent it is not the CRM's API.
        return UnknownOutcome if writes else InvalidAnswer
    if status >= 500:
        return Unavailable
    return KINDS.get(status, Refused)


def _parse(content: bytes | None) -> Any:
    if content is None:
        raise ValueError("The body is not whole.")
    return json.loads(content) if content.strip() else None
