"""The outcome for one contact of a run."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """The result for one contact; the counts add up to the selection (rules.md rule 7)."""

    OPEN = "open"
    LINKED = "linked"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    BLOCKED = "blocked"
    """Not sent, because a rule forbids it."""
    REJECTED = "rejected"
    """Spotler refused it."""
    FAILED = "failed"
    """It did not succeed, however often it was tried."""
    CANCELLED = "cancelled"


SETTLED = tuple(outcome for outcome in Outcome if outcome is not Outcome.OPEN)
SENT = frozenset({Outcome.LINKED, Outcome.UPDATED})
"""Spotler accepted a write."""
IN_STEP = SENT | {Outcome.UNCHANGED}
"""Spotler holds what it should."""
WENT_WRONG = frozenset({Outcome.REJECTED, Outcome.FAILED})
"""Failures; a contact that a rule blocked is not one."""
NOT_WRITTEN = WENT_WRONG | {Outcome.BLOCKED}
"""Processed, and nothing was written."""
MAY_BE_RETRIED = (Outcome.FAILED, Outcome.REJECTED, Outcome.BLOCKED, Outcome.CANCELLED)
"""In the order in which they deserve attention."""
