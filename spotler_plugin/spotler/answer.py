"""What Mail+ says when a call does not succeed, as an error of ours."""

from __future__ import annotations

import re
from typing import Any

from spotler_plugin.rest.answer import Judge, Promise, Reply
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


class SpotlerJudge(Judge[SpotlerError]):
    """Reads the code that stands in the body of an error, next to the status."""

    def error(self, promise: Promise, reply: Reply, body: Any) -> SpotlerError | None:
        """Return what a reply outside 2xx means; None: its body is an answer all the same."""
        error_type = _error_type(body)
        # On which calls and with which status this comes is unknown: spotler-api.md §12 [U].
        opted_out = 400 <= reply.status < 500 and error_type == "CONTACT_OPTOUT"
        if not opted_out and promise.takes(reply.status, body):
            return None
        kind = ContactOptedOut if opted_out else self.kind(promise, reply.status)
        message = f"{promise.endpoint}: {reply.status}" + (f" {error_type}" if error_type else "")
        return kind(
            message,
            status=reply.status,
            error_type=error_type,
            retry_after=reply.retry_after,
        )


JUDGE = SpotlerJudge(
    unavailable=Unavailable,
    unknown=UnknownOutcome,
    invalid=InvalidAnswer,
    refused=Refused,
    statuses={
        401: CredentialsRefused,
        403: CredentialsRefused,
        404: NotFound,
        429: RateLimited,
    },
)

unexpected = JUDGE.unexpected


def _error_type(body: Any) -> str | None:
    """The code in an error body; anything that does not look like a code is not repeated."""
    if not isinstance(body, dict):
        return None
    code = body.get("errorType") or body.get("result")
    return code if isinstance(code, str) and re.fullmatch(r"[A-Z_]{1,40}", code) else None
