"""Details of an outcome besides its reason: other contacts, Spotler's message, values left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from spotler_plugin.planning.reason import Reason, Refusal
from spotler_plugin.planning.values.parse import text


@dataclass(frozen=True, slots=True)
class Since:
    """A value that an undo leaves alone, because somebody else changed it since."""

    name: str
    """Of the property, or of the CRM's field."""
    sent: Any
    """What the run that is taken back made of it."""
    now: Any
    in_crm: bool = False

    def to_json(self) -> list[Any]:
        return [self.name, self.sent, self.now, self.in_crm]


@dataclass(frozen=True, slots=True)
class Detail:
    """Details of one outcome, all optional; a detail without any is falsy."""

    holder: str | None = None
    """External id of the Spotler contact that has the address."""
    contact_id: str | None = None
    """Id of another CRM contact that has the address."""
    code: str = ""
    """Spotler's code for a refusal."""
    message: str = ""
    """Spotler's message for a refusal."""
    refusals: tuple[Refusal, ...] = ()
    """Values that did not fit their property; the others were sent."""
    signed_off: tuple[int, ...] = ()
    """Permission bits that stayed off because of a sign-off."""
    off_reason: str = ""
    """Which of the reasons of consent that is (`reason.OF_CONSENT`)."""
    off_at: str = ""
    """When the newest of those sign-offs was, where that is known (ISO 8601)."""
    address: str = ""
    """The address that was not written, because the Spotler contact that has it is inactive, or
    because it is none, or Spotler refuses it; or the one of who has our id."""
    kept: tuple[str, ...] = ()
    """Properties that a first link left in Spotler, though the CRM's fields are empty."""
    left: tuple[str, ...] = ()
    """Properties that were emptied as it is no longer its relation's primary contact."""
    since: tuple[Since, ...] = ()
    """Values that an undo left alone."""
    stays_off: tuple[int, ...] = ()
    """Permission bits that the run switched off: an undo switches nothing on."""
    stays_on: tuple[int, ...] = ()
    """Permission bits that the run switched on, and somebody else since."""
    moved: tuple[int, ...] = ()
    """Permission bits that are no longer as the screen showed them."""
    stays_linked: bool = False
    """That run linked it, which cannot be taken back."""

    def __bool__(self) -> bool:
        return self != NOTHING

    @property
    def why_off(self) -> Reason:
        """Why permissions stay off, where any do."""
        return Reason(self.off_reason) if self.off_reason else Reason.SIGNED_OFF

    def with_answer(self, code: str, message: str) -> Detail:
        """Return a copy with Spotler's code and message, if there is either."""
        return replace(self, code=code, message=message) if code or message else self

    def to_json(self) -> dict[str, Any]:
        """Return the details that are set."""
        parts = {
            "holder": self.holder,
            "contact_id": self.contact_id,
            "code": self.code,
            "message": self.message,
            "refusals": [refusal.to_json() for refusal in self.refusals],
            "signed_off": list(self.signed_off),
            "off_reason": self.off_reason,
            "off_at": self.off_at,
            "address": self.address,
            "kept": list(self.kept),
            "left": list(self.left),
            "since": [each.to_json() for each in self.since],
            "stays_off": list(self.stays_off),
            "stays_on": list(self.stays_on),
            "moved": list(self.moved),
            "stays_linked": self.stays_linked,
        }
        return {name: value for name, value in parts.items() if value}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Detail:
        refusals = tuple(Refusal.from_json(each) for each in value.get("refusals", ()))
        since = tuple(Since(*each) for each in value.get("since", ()))
        lists = {name: tuple(value.get(name, ())) for name in LISTS}
        return cls(**{**value, "refusals": refusals, "since": since, **lists})


LONGEST_MESSAGE = 1000
"""Characters."""


def told_by(message: str) -> str:
    """Return what the other side said as people read it, and as contacts are grouped by it."""
    return text(message)[:LONGEST_MESSAGE].strip()


LISTS = ("signed_off", "kept", "left", "stays_off", "stays_on", "moved")
NOTHING = Detail()
