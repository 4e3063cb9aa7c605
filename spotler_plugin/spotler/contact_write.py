"""A contact as we write it, and what Spotler made of it (spotler-api.md §2.1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from spotler_plugin.rest.shapes import maps, text, word
from spotler_plugin.spotler.contact import PERMISSIONS
from spotler_plugin.spotler.errors import UnknownOutcome


@dataclass(frozen=True, slots=True)
class ContactWrite:
    """What to write to one contact; what is not named stays, unless the call purges."""

    external_id: str
    properties: dict[str, Any] = field(repr=False)
    """Values ready for JSON; a set may be {bit: enabled}, as `Contact` gives it."""
    permissions: dict[int, bool] = field(default_factory=dict)
    """Only the bits to switch; the others stay (§2.3 [C])."""
    test_group: bool | None = None

    def __post_init__(self) -> None:
        if not self.external_id:
            raise ValueError("A contact is written by its external id, and this one has none.")
        if PERMISSIONS in self.properties:
            raise ValueError("Permissions are not written as a property among others.")

    def as_json(self) -> dict[str, Any]:
        """Return the contact in Spotler's format."""
        properties = {name: _wire(value) for name, value in self.properties.items()}
        if self.permissions:
            properties[PERMISSIONS] = _wire(self.permissions)
        contact: dict[str, Any] = {"externalId": self.external_id, "properties": properties}
        if self.test_group is not None:
            contact["testGroup"] = self.test_group
        return contact


class SaveCode(StrEnum):
    """The result for one contact of `save_many` (§2.1 [D])."""

    OK = "OK"
    PROPERTY_INVALID = "PROPERTY_INVALID"
    CONTACT_ALREADY_EXISTS = "CONTACT_ALREADY_EXISTS"
    CONTACT_UNKNOWN = "CONTACT_UNKNOWN"
    CONTACT_OPTOUT = "CONTACT_OPTOUT"
    NO_ACTIVE_CHANNEL = "NO_ACTIVE_CHANNEL"
    ERROR = "ERROR"
    """Anything else, also an unknown code or a missing answer."""


@dataclass(frozen=True, slots=True)
class SaveResult:
    """Spotler's code and message, which may quote a value: for screens, not for logs."""

    code: SaveCode
    message: str = field(repr=False)


def read_results(answer: Any, writes: Sequence[ContactWrite]) -> dict[str, SaveResult]:
    """Return the result of every written contact, by external id: the order is not promised [I].

    Raises UnknownOutcome when the answer is no list of results.
    """
    results = maps(answer)
    if not isinstance(answer, list) or (answer and not results):
        raise UnknownOutcome("POST contact/list: the answer cannot be understood.")
    told: dict[str, SaveResult] = {}
    for each in results:
        contact_id = word(each.get("externalId"))
        # Of two answers for one contact the failure counts.
        if contact_id not in told or told[contact_id].code is SaveCode.OK:
            told[contact_id] = _result(each)
    silence = SaveResult(SaveCode.ERROR, "Spotler gave no answer for this contact.")
    return {write.external_id: told.get(write.external_id, silence) for write in writes}


def _result(entry: Mapping[str, Any]) -> SaveResult:
    code, message = text(entry.get("code")), text(entry.get("message"))
    if code in SaveCode.__members__:
        return SaveResult(SaveCode(code), message)
    return SaveResult(SaveCode.ERROR, message or code)


def _wire(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return [{"bit": int(bit), "enabled": value[bit]} for bit in sorted(value, key=int)]
