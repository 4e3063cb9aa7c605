"""What can go wrong with a call to the CRM.

CrmError
├── TokenRefused      401, 403                                  permanent
├── NotFound          404                                       permanent
├── Refused           other 4xx                                 permanent
├── Conflict          409                                       retryable
├── RateLimited       429                                       retryable
├── Unavailable       408, 5xx, or no connection was made       retryable
├── InvalidAnswer     a read was answered with something else   retryable
│   └── Endless       pages that go round, or have no end       retryable
└── UnknownOutcome    sent, and nobody knows what became of it  unknown

`decision` says what the caller may do. Every write carries an `Idempotency-Key`, so after UNKNOWN
the same write may be repeated with the same key.
Messages are our own words and codes only, so they can be logged.
"""

from __future__ import annotations

from spotler_plugin.rest.errors import Decision, RestError


class CrmError(RestError):
    """A call to the CRM failed, or its answer is not of the contract's form."""


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


class Endless(InvalidAnswer):
    """The pages of a list go round in a circle, or there are far too many."""


class UnknownOutcome(CrmError):
    """The call was sent, and whether it was executed is not known."""

    decision = Decision.UNKNOWN
