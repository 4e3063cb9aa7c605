"""Why a launch token is refused: for the log, beside the number of the request that is shown."""

from __future__ import annotations

import time
from typing import Any

import jwt

UNREADABLE = (jwt.InvalidTokenError, TypeError, ValueError, OverflowError, RecursionError)
"""What PyJWT raises for tokens that nobody made for us."""

TIMES = (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError)
LONGEST_AGE = 10**11
"""Seconds; what is further away, or no number at all, tells nothing of a clock."""

REASONS: dict[type[jwt.InvalidTokenError], str] = {
    jwt.ExpiredSignatureError: "exp is in the past",
    jwt.ImmatureSignatureError: "iat or nbf is in the future",
    jwt.InvalidAudienceError: "aud is another",
}
"""What PyJWT may find in a token that is signed rightly."""


class LaunchRefused(Exception):
    """The token is refused; the reason is for the log, never for the answer.

    It names claims and quotes nothing of them; all reasons stand in crm-developer.md §2.
    """

    def __init__(
        self,
        reason: str,
        *,
        age: int | None = None,
        is_unknown: bool = False,
        lacks_right: bool = False,
    ) -> None:
        super().__init__(reason)
        self.age = age
        """Seconds since `iat` by our clock, where the time is what is wrong; negative: to come."""
        self.is_unknown = is_unknown
        """The CRM asks for a widget that this plugin does not have; that may be told."""
        self.lacks_right = lacks_right
        """The CRM gives this person too few rights for the widget; that may be told too."""


def because_of(error: Exception, claims: dict[str, Any]) -> LaunchRefused:
    """Say in our words what PyJWT found."""
    if isinstance(error, jwt.MissingRequiredClaimError):
        return LaunchRefused(f"{error.claim} is missing")
    for kind, reason in REASONS.items():
        if isinstance(error, kind):
            age = _age(claims.get("iat")) if isinstance(error, TIMES) else None
            return LaunchRefused(reason, age=age)
    return LaunchRefused(f"another fault: {type(error).__name__}")


def _age(issued: object) -> int | None:
    if isinstance(issued, int | float) and abs(issued) < LONGEST_AGE:
        return round(time.time() - issued)
    return None
