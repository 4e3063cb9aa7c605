"""What belongs to an outcome beside its reason: whom it is about, in whose words, what was left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from spotler_plugin.planning.mapping import Refusal


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything may be missing; a detail without anything counts as false."""

    holder: str | None = None
    """The external id that has the address in Spotler."""
    contact_id: str | None = None
    """Another CRM contact that has the address."""
    code: str = ""
    """Spotler's code for a refusal."""
    message: str = ""
    """Spotler's own words for it."""
    refusals: tuple[Refusal, ...] = ()
    """Values that did not fit; the rest went along."""
    signed_off: tuple[int, ...] = ()
    """Bits that stayed off because of a sign-off."""

    def __bool__(self) -> bool:
        return self != NOTHING

    @property
    def said(self) -> str:
        """What Spotler said of it, in words or at least by its code."""
        return self.message or self.code

    def with_answer(self, code: str, message: str) -> Detail:
        """The same with what Spotler answered, if it did."""
        return replace(self, code=code, message=message) if code or message else self

    def to_json(self) -> dict[str, Any]:
        """Only what there is."""
        parts = {
            "holder": self.holder,
            "contact_id": self.contact_id,
            "code": self.code,
            "message": self.message,
            "refusals": [refusal.to_json() for refusal in self.refusals],
            "signed_off": list(self.signed_off),
        }
        return {name: value for name, value in parts.items() if value}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Detail:
        refusals = tuple(Refusal.from_json(each) for each in value.get("refusals", ()))
        signed_off = tuple(value.get("signed_off", ()))
        return cls(**{**value, "refusals": refusals, "signed_off": signed_off})


NOTHING = Detail()
