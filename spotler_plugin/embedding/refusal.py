"""Why a launch token is refused: for the log, beside the number of the request that is shown."""

from __future__ import annotations

import jwt

UNREADABLE = (jwt.InvalidTokenError, TypeError, ValueError, OverflowError, RecursionError)
"""What PyJWT raises for tokens that nobody made for us."""

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


def because_of(error: Exception) -> LaunchRefused:
    """Say in our words what PyJWT found."""
    if isinstance(error, jwt.MissingRequiredClaimError):
        return LaunchRefused(f"{error.claim} is missing")
    for kind, reason in REASONS.items():
        if isinstance(error, kind):
            return LaunchRefused(reason)
    return LaunchRefused(f"another fault: {type(error).__name__}")
