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
logged. What Spotler said stands apart in `said`, for screens: it may quote the value that it
refused.
"""

from __future__ import annotations

from spotler_plugin.rest.errors import Decision, RestError


class SpotlerError(RestError):
    """A call to Mail+ failed, or its answer is not of the expected form."""

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        error_type: str | None = None,
        said: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, status=status, retry_after=retry_after)
        self.error_type = error_type
        """Spotler's `errorType` (or the `result` of an automation), spelt as it came."""
        self.said = said
        """Spotler's own message; never logged."""


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
    """The call was sent, and whether it was executed is not known."""

    decision = Decision.UNKNOWN
