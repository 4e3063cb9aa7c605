"""Map the replies of Mail+ to our errors."""

from __future__ import annotations

import re
from typing import Any

from spotler_plugin.rest.answer import Judge, Promise, Reply
from spotler_plugin.rest.shapes import text
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
    """Also reads the code in the body of an error, besides the status."""

    def error(self, promise: Promise, reply: Reply, body: Any) -> SpotlerError | None:
        """Return the error for a reply outside 2xx; None when it is a normal answer."""
        error_type = _error_type(body)
        # Which calls answer this, and with which status, is unknown: spotler-api.md §12 [U].
        opted_out = 400 <= reply.status < 500 and error_type == "CONTACT_OPTOUT"
        takes = promise.takes(reply.status, body)
        if not opted_out and takes and error_type != "OK":
            return None
        kind = ContactOptedOut if opted_out else self.kind(promise, reply.status)
        if takes and error_type == "OK":
            # It says that it did, and that it did not.
            kind = UnknownOutcome
        message = f"{promise.endpoint}: {reply.status}" + (f" {error_type}" if error_type else "")
        return kind(
            message,
            status=reply.status,
            error_type=error_type,
            said=text(body.get("message")) if isinstance(body, dict) else "",
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
    """Return the code in an error body; None when it does not look like a code."""
    if not isinstance(body, dict):
        return None
    code = body.get("errorType") or body.get("result")
    return code if isinstance(code, str) and re.fullmatch(r"[A-Z_]{1,40}", code) else None
