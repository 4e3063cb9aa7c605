"""The base of the errors of all clients; each client has its own tree below it."""

from __future__ import annotations

from enum import StrEnum


class Decision(StrEnum):
    """What a caller may do after an error."""

    PERMANENT = "permanent"
    """The same call will fail again: change something first."""
    RETRYABLE = "retryable"
    """Nothing was done; the same call may succeed later."""
    UNKNOWN = "unknown"
    """It may have been executed: repeat only what the client's tree of errors allows."""


class RestError(Exception):
    """A call failed, or its answer is not of the expected form.

    The message is our own words and codes only, so it can be logged.
    """

    decision = Decision.PERMANENT

    def __init__(
        self, message: str, *, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        """The HTTP status, or None when there was no answer."""
        self.retry_after = retry_after
        """Seconds to wait before another attempt, if the other side said so."""
