"""Decide whether an act may switch a permission: nobody who signed off is signed on again.

1. Only an act switches anything on (rules.md rules 1 and 2).
2. The newest act about a permission counts; an older one that arrives late does nothing. One that
   is still on its way may be cancelled: to switch on, it counts for nothing yet.
3. What went off after the act was made wins, wherever that was; so does a sign-off that was seen
   only after it, because whoever made the act did not know of it.
4. What went off under another id of the same person counts as gone off; what went on there does
   not count for this contact, and what went on here before the two were one lifts nothing.
5. An act that takes an earlier one back is no sign-off: of what was switched on before it nothing
   stands any more, and what was signed off before still is.
6. An act about many contacts at once, or of an automatic action, never overrides what went off,
   however long ago; only a person who looks at this one contact may.
7. Not even that person lifts a sign-off of the contact's own, unless the environment allows it and
   it is said on what ground.
8. Who signed off from everything signed off from each permission.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from spotler_plugin.planning.reason import OF_CONSENT, Reason

EVERYTHING = 0
"""Stands for the bit where it is about all that is sent to a contact; Spotler's begin at 1."""


@dataclass(frozen=True, slots=True)
class Switching:
    """One switch of a permission, made or requested."""

    bit: int
    enabled: bool
    at: datetime
    personal: bool = False
    """Whether a person made it while looking at this one contact."""
    lifts: bool = False
    """Whether that person may override a sign-off of the contact's own."""
    pending: bool = False
    """Whether it is on its way: Spotler may get it, or somebody cancels it."""
    takes_back: bool = False
    """Whether it takes back an earlier act, by an undo; it switches off."""
    seen_at: datetime | None = None
    """When it was seen in Spotler, where it was made there."""

    id: int = 0
    """Which act it is, for who wants to tell of it."""

    @property
    def known_at(self) -> datetime:
        """Since when an act could take it into account."""
        return self.at if self.seen_at is None else max(self.at, self.seen_at)


@dataclass(frozen=True, slots=True)
class Other:
    """What happened under another id of the same person."""

    acts: Sequence[Switching]
    since: datetime | None = None
    """Since when the contact is known to be that person; None: since now."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Why a permission stays off, and since when it is off."""

    reason: Reason
    at: datetime


@dataclass(frozen=True, slots=True)
class Consent:
    """What may be written, and which bits stay off because of a sign-off."""

    permissions: Mapping[int, bool]
    bars: Mapping[int, Bar] = field(default_factory=dict)

    @property
    def signed_off(self) -> frozenset[int]:
        return frozenset(self.bars)


def decide(
    asked: Sequence[Switching], history: Iterable[Switching], others: Iterable[Other] = ()
) -> Consent:
    """Decide which requested switches may be written, given the contact's history.

    `history` holds the contact's other acts that took effect or still may, including sign-offs
    seen in Spotler; the requested acts are not in it.
    """
    history, others = list(history), list(others)
    newest = _newest(_counting(history))
    taken_back = _newest(act for act in history if act.takes_back)
    permissions: dict[int, bool] = {}
    bars: dict[int, Bar] = {}
    for bit, act in _newest(asked).items():
        last = newest.get(bit)
        if not act.enabled:
            if last is None or last.at <= act.at:
                permissions[bit] = False
            continue
        back = taken_back.get(bit)
        offs = standing_offs(bit, history, others)
        if back is not None and back.at >= act.at:
            bars[bit] = Bar(Reason.SIGNED_OFF, back.at)
        elif reason := _bar(act, offs):
            bars[bit] = Bar(reason, max(off.at for off in offs))
        elif last is None or last.at <= act.at:
            permissions[bit] = True
    return Consent(permissions, bars)


def strictest_bar(bars: Iterable[Bar | None]) -> tuple[Reason | None, datetime | None]:
    """Return which reason is told of these, and when its newest sign-off was, as far as known."""
    moments: dict[Reason, list[datetime]] = {}
    for each in bars:
        known = moments.setdefault(each.reason if each else Reason.SIGNED_OFF, [])
        known += [each.at] if each else []
    for reason in OF_CONSENT:
        if reason in moments:
            return reason, max(moments[reason], default=None)
    return None, None


def standing_offs(
    bit: int, history: Iterable[Switching], others: Iterable[Other] = ()
) -> list[Switching]:
    """Return what switched a permission off for this person, and was not lifted since."""
    history = list(history)
    return _offs_of(bit, history) + offs_elsewhere(bit, history, others)


def offs_elsewhere(
    bit: int, history: Sequence[Switching], others: Iterable[Other]
) -> list[Switching]:
    """Return what switched off under the other ids, and was not lifted there, nor here since."""
    found: list[Switching] = []
    for other in others:
        lifted = _last_on(
            bit, [act for act in history if other.since is not None and act.at >= other.since]
        )
        offs = _offs_of(bit, other.acts)
        found += [act for act in offs if lifted is None or act.known_at >= lifted]
    return found


def _bar(act: Switching, offs: Sequence[Switching]) -> Reason | None:
    """Return why an act may not switch on, of which these stand in the way."""
    if any(off.known_at >= act.at for off in offs):
        return Reason.SIGNED_OFF
    if offs and not act.personal:
        return Reason.SIGNED_OFF_BEFORE
    if any(off.seen_at is not None for off in offs) and not act.lifts:
        return Reason.NOT_AGAIN
    return None


def _offs_of(bit: int, acts: Iterable[Switching]) -> list[Switching]:
    """Return what switched a permission off under one id, alone or with everything, since it was
    last switched on there."""
    acts = list(acts)
    offs: dict[int, list[Switching]] = {}
    for act in _counting(acts):
        if not act.enabled:
            offs.setdefault(act.bit, []).append(act)
    of_all = _not_before(_last_on(EVERYTHING, acts), offs.get(EVERYTHING, ()))
    return _not_before(_last_on(bit, acts), [*offs.get(bit, ()), *of_all])


def _not_before(moment: datetime | None, acts: Iterable[Switching]) -> list[Switching]:
    return [act for act in acts if moment is None or act.known_at >= moment]


def _last_on(bit: int, acts: Iterable[Switching]) -> datetime | None:
    on = (act.known_at for act in _counting(acts) if act.bit == bit and act.enabled)
    return max(on, default=None)


def _counting(acts: Iterable[Switching]) -> list[Switching]:
    """Return the acts that count, where some were taken back, and some may still be cancelled."""
    acts = list(acts)
    back = _newest(act for act in acts if act.takes_back)
    return [
        act
        for act in acts
        if not act.takes_back
        and not (act.enabled and act.pending)
        and not (act.enabled and act.bit in back and act.at <= back[act.bit].at)
    ]


def _newest(acts: Iterable[Switching]) -> dict[int, Switching]:
    """Return the newest switch per bit; of two at the same moment, the one that switches off."""
    in_order = sorted(acts, key=lambda each: (each.at, not each.enabled))
    return {act.bit: act for act in in_order}
