"""Decide whether an act may switch a permission: nobody who signed off is signed on again.

1. Only an act switches anything on (rules.md rules 1 and 2).
2. The newest act about a permission counts; an older one that arrives late does nothing. One that
   is still on its way may be cancelled: to switch on, it counts for nothing yet.
3. A sign-off newer than the act wins, wherever it was made.
4. What was signed off under another id with the same address counts as signed off by this person;
   what went on there does not count for this contact.
5. An act that takes an earlier one back is no sign-off: of what was switched on before it nothing
   stands any more, and what was signed off before still is.
6. An act about many contacts at once, or of an automatic action, never overrides a sign-off,
   however old; only a person who looks at this one contact may.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Switching:
    """One switch of a permission, made or requested."""

    bit: int
    enabled: bool
    at: datetime
    personal: bool = False
    """Whether a person made it while looking at this one contact."""
    pending: bool = False
    """Whether it is on its way: Spotler may get it, or somebody cancels it."""
    takes_back: bool = False
    """Whether it takes back an earlier act, by an undo; it switches off."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What may be written, and which bits stay off because of a sign-off."""

    permissions: dict[int, bool]
    signed_off: frozenset[int]


def decide(
    asked: Sequence[Switching],
    history: Iterable[Switching],
    others: Iterable[Iterable[Switching]] = (),
) -> Consent:
    """Decide which requested switches may be written, given the contact's history.

    `history` holds the contact's other acts that took effect or still may, including sign-offs
    seen in Spotler; the requested acts are not in it. `others` holds the histories of other ids
    of the same person, one each.
    """
    history = list(history)
    taken_back = _newest(act for act in history if act.takes_back)
    newest = _newest(act for act in _standing(history) if not (act.pending and act.enabled))
    elsewhere = [
        act for other in others for act in _newest(_standing(other)).values() if not act.enabled
    ]
    newest_off = _newest([*newest.values(), *elsewhere])
    permissions: dict[int, bool] = {}
    signed_off: set[int] = set()
    for act in _newest(asked).values():
        last = (newest_off if act.enabled else newest).get(act.bit)
        back = taken_back.get(act.bit)
        if act.enabled and back is not None and back.at >= act.at:
            signed_off.add(act.bit)
        elif last is None:
            permissions[act.bit] = act.enabled
        elif last.at > act.at:
            # A newer act decided otherwise: it wins, and this one changes nothing.
            if act.enabled and not last.enabled:
                signed_off.add(act.bit)
        elif act.enabled and not last.enabled and not act.personal:
            signed_off.add(act.bit)
        else:
            permissions[act.bit] = act.enabled
    return Consent(permissions, frozenset(signed_off))


def _standing(acts: Iterable[Switching]) -> list[Switching]:
    """Return the acts that still count, where some were taken back."""
    acts = list(acts)
    back = _newest(act for act in acts if act.takes_back)
    return [
        act
        for act in acts
        if not act.takes_back
        and not (act.enabled and act.bit in back and act.at <= back[act.bit].at)
    ]


def _newest(acts: Iterable[Switching]) -> dict[int, Switching]:
    """Return the newest switch per bit; of two at the same moment, the one that switches off."""
    newest: dict[int, Switching] = {}
    for act in acts:
        known = newest.get(act.bit)
        if known is None or (act.at, not act.enabled) > (known.at, not known.enabled):
            newest[act.bit] = act
    return newest
