"""What a run changed of a contact in the CRM, and what of that can go back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spotler_plugin.planning.detail import Since
from spotler_plugin.planning.values.parse import is_empty, text


@dataclass(frozen=True, slots=True)
class Patch:
    """Fields of a contact in the CRM before and after a change, in the form of its API."""

    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"before": dict(self.before), "after": dict(self.after)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Patch:
        return cls(value["before"], value["after"])


@dataclass(frozen=True, slots=True)
class Back:
    """What goes back in the CRM, and what does not because somebody else changed it."""

    changes: Mapping[str, Any]
    since: tuple[Since, ...] = ()


def back(patch: Patch, fields: Mapping[str, Any], *, overrides: bool) -> Back:
    """Compare with what the CRM has now: only a value that is still the run's goes back.

    Of keywords those that the run added go, and those that it took away come back; the others
    stay. `overrides`: what somebody else changed goes back too.
    """
    changes: dict[str, Any] = {}
    since: list[Since] = []
    for name in patch.before.keys() & patch.after.keys() & fields.keys():
        was, told, now = patch.before[name], patch.after[name], fields[name]
        if isinstance(told, list) and isinstance(now, list):
            words = _words(was if isinstance(was, list) else [], told, now)
            changes |= {name: words} if words != now else {}
        elif _alike(now, was):
            continue
        elif overrides or _alike(now, told):
            changes[name] = was
        else:
            since.append(Since(name, told, now, in_crm=True))
    return Back(changes, tuple(since))


def _words(was: Sequence[Any], told: Sequence[Any], now: Sequence[Any]) -> list[Any]:
    added = [each for each in told if each not in was]
    kept = [each for each in now if each not in added]
    return kept + [each for each in was if each not in told and each not in kept]


def _alike(one: Any, other: Any) -> bool:
    """Return whether the CRM may have stored the one where it was told the other."""
    if is_empty(one) or is_empty(other):
        return is_empty(one) and is_empty(other)
    if isinstance(one, str) and isinstance(other, str):
        return text(one) == text(other)
    return bool(one == other)
