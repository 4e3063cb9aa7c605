"""Map the CRM's statuses to our errors."""

from __future__ import annotations

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
from spotler_plugin.rest.answer import Judge

JUDGE: Judge[CrmError] = Judge(
    unavailable=Unavailable,
    unknown=UnknownOutcome,
    invalid=InvalidAnswer,
    refused=Refused,
    statuses={
        401: TokenRefused,
        403: TokenRefused,
        404: NotFound,
        409: Conflict,
        429: RateLimited,
    },
)

unexpected = JUDGE.unexpected
