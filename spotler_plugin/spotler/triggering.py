"""What a call that starts something for a contact came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TriggerResult:
    """Whether something started; if not, `result` and `details` say why in Spotler's codes."""

    started: bool
    result: str
    """OK, NOT_TRIGGERED, TRIGGER_NOTFOUND, CONTACT_NOTFOUND, or a campaign's errorType."""
    details: tuple[tuple[str, str], ...] = ()
    """(automation id, result), such as AUTOMATION_INACTIVE or PARTICIPATION_LIMIT_REACHED."""
