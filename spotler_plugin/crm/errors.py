"""What can go wrong with a call to the CRM.

CrmError
├── TokenRefused      401, 403                                  permanent
├── NotFound          404                                       permanent
├── Refused           other 4xx                                 permanent
├── Conflict          409                                       retryable
├── RateLimited       429                                       retryable
├── Unavailable       408, 5xx, or no connection was made       retryable
├── InvalidAnswer     a read was answered with something else   retryable
└── UnknownOutcome    sent, and nobody knows what became of it  unknown

`decision` says what the caller may do. Every write carries an `Idempotency-Key`, so after UNKNOWN
the same write may be repeated with the same key.
Messages are our own words and codes only, so they can be logged.
"""

from __future__ import annotations

from enum import StrEnum


class Decision(StrEnum):
    """What a caller may do after an error."""

    PERMANENT = "permanent"
    """The same call will fail again: change something first."""
    RETRYABLE = "retryable"
    """Nothing was done; the same call may succeed later."""
    UNKNOWN = "unknown"
    """It may have been carried out: repeat it with the same idempotency key."""


class CrmError(Exception):
    """A call to the CRM did not give what the contract promises."""

    decision = Decision.PERMANENT

    def __init__(
        self, message: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        """The HTTP status, or None when there was no answer."""
        self.retry_after = retry_after
        """Seconds to wait before another attempt, if the CRM said so."""


class TokenRefused(CrmError):
    """The CRM does not accept our token: stop and tell the administrator."""


class NotFound(CrmError):
    """What the path names does not exist in the CRM, or no longer."""


class Refused(CrmError):
    """The CRM will not do this."""


class Conflict(CrmError):
    """Somebody else is changing the same thing; try again later."""

    decision = Decision.RETRYABLE


class RateLimited(CrmError):
    """Too many calls; nothing was done."""

    decision = Decision.RETRYABLE


class Unavailable(CrmError):
    """The CRM is out of order, or could not be reached."""

    decision = Decision.RETRYABLE


class InvalidAnswer(CrmError):
    """A read succeeded with HTML, half an answer or another shape than the contract's."""

    decision = Decision.RETRYABLE


class UnknownOutcome(CrmError):
    """The call left, and whether it was carried out is not known."""

    decision = Decision.UNKNOWN
