"""What can go wrong with a call to Mail+.

SpotlerError
├── CredentialsRefused      401, 403                                    permanent
├── NotFound                404                                         permanent
├── Refused                 400, 409, 413, 417 and other 4xx            permanent
│   └── ContactOptedOut     errorType CONTACT_OPTOUT                    permanent
├── RateLimited             429                                         retryable
├── Unavailable             408, 5xx, or no connection was made         retryable
├── InvalidAnswer           a read was answered with something else     retryable
└── UnknownOutcome          sent, and nobody knows what became of it    unknown

`decision` says what the caller may do. UNKNOWN may be retried by whoever makes an idempotent call
(reading; writing a contact by its external id); after a trigger a person decides.
Messages are our own words and codes only: no names, no addresses, no secrets, so they can be
logged. What Spotler said is not repeated, since it may quote the value that it refused.
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
    """It may have been carried out: repeat only what is idempotent."""


class SpotlerError(Exception):
    """A call to Mail+ did not give what it promises."""

    decision = Decision.PERMANENT

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        error_type: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        """The HTTP status, or None when there was no answer."""
        self.error_type = error_type
        """Spotler's `errorType` (or the `result` of an automation), spelt as it came."""
        self.retry_after = retry_after
        """Seconds to wait before another attempt, if Spotler said so."""


class CredentialsRefused(SpotlerError):
    """Key or secret is wrong, or the licence lacks this call (spotler-api.md §1.4)."""


class NotFound(SpotlerError):
    """What the path names does not exist; `of_contact` tells whether that is the contact."""

    @property
    def of_contact(self) -> bool:
        """Whether Spotler says that it does not know the contact. It has two spellings (§9.5)."""
        return self.error_type in ("CONTACT_NOT_FOUND", "CONTACT_NOTFOUND")


class Refused(SpotlerError):
    """Spotler will not do this: a value, a state or a size is wrong."""


class ContactOptedOut(Refused):
    """The contact signed off in Spotler: never write or mail it again (§4 [I], §12)."""


class RateLimited(SpotlerError):
    """Too many calls; nothing was done."""

    decision = Decision.RETRYABLE


class Unavailable(SpotlerError):
    """Spotler is out of order, or could not be reached."""

    decision = Decision.RETRYABLE


class InvalidAnswer(SpotlerError):
    """A read succeeded with HTML, half an answer or another shape than the documented one."""

    decision = Decision.RETRYABLE


class UnknownOutcome(SpotlerError):
    """The call left, and whether it was carried out is not known."""

    decision = Decision.UNKNOWN
