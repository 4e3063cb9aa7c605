"""An automatic action as it is filled in; and two people who fill one in at the same time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spotler_plugin.planning.adjustment import Adjustment, Switch

NAME, DESCRIPTION, NOTE, STATUS = "name", "description", "note", "status"
PERMISSION, AUTOMATION = "permission", "automation"

Part = tuple[str, int]
"""What can be changed by itself: with the bit of a permission, the id of an automation, or 0."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An action as it was filled in."""

    name: str
    description: str
    adjustment: Adjustment

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description,
            "adjustment": self.adjustment.to_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Draft:
        """Read a draft that a browser sent. Raises ValueError, TypeError or KeyError."""
        adjustment = Adjustment.from_json(value["adjustment"])
        switches = adjustment.switches.values()
        texts = [adjustment.note, *(each.ground for each in switches)]
        bits = [*(each.enabled for each in switches), adjustment.active or False]
        numbers = adjustment.automations
        for kind, values in ((str, texts), (bool, bits), (int, numbers)):
            if not all(isinstance(each, kind) for each in values):
                raise ValueError("not a draft")
        return cls(str(value["name"]), str(value["description"]), adjustment)

    @property
    def parts(self) -> dict[Part, Any]:
        """What it says, part by part; a part that is missing says nothing."""
        adjustment = self.adjustment
        texts = {NAME: self.name, DESCRIPTION: self.description, NOTE: adjustment.note}
        return {
            **{(kind, 0): text for kind, text in texts.items() if text},
            **({(STATUS, 0): adjustment.active} if adjustment.active is not None else {}),
            **{(PERMISSION, bit): switch for bit, switch in adjustment.switches.items()},
            **{(AUTOMATION, id_): True for id_ in adjustment.automations},
        }


def changed(before: Draft, after: Draft) -> list[Part]:
    """Return the parts that differ, in the order of the form."""
    old, new = before.parts, after.parts
    order = (NAME, DESCRIPTION, NOTE, STATUS, PERMISSION, AUTOMATION)
    differing = {part for part in old.keys() | new.keys() if old.get(part) != new.get(part)}
    return sorted(differing, key=lambda part: (order.index(part[0]), part[1]))


def merged(seen: Draft, mine: Draft, now: Draft) -> Draft:
    """Apply to `now` what somebody changed from `seen` to `mine`; others saved meanwhile."""
    parts = now.parts
    for part in changed(seen, mine):
        if part in mine.parts:
            parts[part] = mine.parts[part]
        else:
            parts.pop(part, None)
    return _of_parts(parts)


def _of_parts(parts: Mapping[Part, Any]) -> Draft:
    switches: dict[int, Switch] = {
        number: value for (kind, number), value in parts.items() if kind == PERMISSION
    }
    return Draft(
        name=parts.get((NAME, 0), ""),
        description=parts.get((DESCRIPTION, 0), ""),
        adjustment=Adjustment(
            note=parts.get((NOTE, 0), ""),
            active=parts.get((STATUS, 0)),
            switches=switches,
            automations=tuple(number for kind, number in parts if kind == AUTOMATION),
        ),
    )
