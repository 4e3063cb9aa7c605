"""Some contacts of a run that one worker leased, while they are processed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

from spotler_plugin.models import Environment, Outcome, Run, RunKind
from spotler_plugin.planning import image
from spotler_plugin.planning.consent import Consent
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.image import Image, Loss
from spotler_plugin.planning.plan import Change
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.consent.owner import NOTHING_SAID, Settled

STALE, UNKNOWN = 5.0, 3.0
"""Seconds that a chunk may wait for its call, after which it is read and planned again; and that
Spotler's state may be old where permissions are switched."""


@dataclass(slots=True)
class Item:
    """A run item while it is processed; `ledger` stores it."""

    id: int
    contact_id: str
    take_over: bool
    attempts: int
    crashes: int
    due_at: datetime
    before: Image | None = None
    after: Image | None = None
    patch_key: UUID | None = None
    patched_at: datetime | None = None
    seen: Mapping[int, bool] | None = None
    outcome: Outcome = Outcome.OPEN
    reason: Reason | None = None
    detail: Detail | None = None
    settled_at: datetime | None = None
    claimed_before: Image | None = field(init=False)
    """The images of earlier attempts, to which this one adds."""
    claimed_after: Image | None = field(init=False)

    counted: Loss = field(init=False)
    """What the run has counted of this contact's loss (`run/limit`)."""

    def __post_init__(self) -> None:
        self.claimed_before, self.claimed_after = self.before, self.after
        self.counted = self.loss

    @property
    def comparable(self) -> Mapping[int, bool] | None:
        """The permissions as the screen showed them, as far as that can still be compared: not once
        an attempt left for Spotler, nor of somebody else's contact that is taken over."""
        return None if self.take_over or self.claimed_before is not None else self.seen

    @property
    def loss(self) -> Loss:
        """What the contact loses, by this attempt and earlier ones."""
        return self.after.loss if self.after is not None else Loss()

    def forget_images(self) -> None:
        """Drop the images of this attempt: nothing of it reached Spotler."""
        self.before, self.after = self.claimed_before, self.claimed_after

    @property
    def is_as_claimed(self) -> bool:
        """Whether the images are those of earlier attempts."""
        return self.before is self.claimed_before and self.after is self.claimed_after

    @property
    def was_linked(self) -> bool:
        """Whether an earlier attempt was to link it; if it arrived, nobody told us."""
        return self.claimed_before is not None and (
            self.claimed_before.external_id != self.contact_id
        )


@dataclass(slots=True)
class Chunk:
    """Filled from top to bottom: each step reads what the steps before it set."""

    environment: Environment
    run: Run
    lease: UUID
    items: dict[str, Item]
    versions: Mapping[str, str] = field(default_factory=dict)
    """The CRM's version by which each contact was planned."""
    primaries: Mapping[str, str | None] = field(default_factory=dict)
    """The relation of which each contact is the primary one, or None, as it was read."""
    settled: Settled = NOTHING_SAID
    """What persons said of the addresses that contacts go to."""
    verdicts: Mapping[str, Consent] = field(default_factory=dict)
    """What each contact's acts may switch."""
    changes: Mapping[str, Change] = field(default_factory=dict)
    """The plan."""
    writes: Mapping[str, Change] = field(default_factory=dict)
    """The part of the plan to be sent, of contacts whose leases were still held."""
    unread: dict[str, Reason] = field(default_factory=dict)
    """Contacts that one of the two sides did not show in a form that can be read: they are tried
    again later."""
    lost: set[str] = field(default_factory=set)
    """Contacts whose leases were lost meanwhile; another worker may have them."""
    claimed_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    planned_at: float = 0.0
    """When it was read and planned, by the monotonic clock."""
    known_at: float = 0.0
    """When Spotler was asked how its contacts stand, by the same clock."""
    renewed_at: float = field(default_factory=time.monotonic)
    """When the leases were last taken or renewed, by the monotonic clock."""

    def leave_out(self, lesser: Mapping[str, Change]) -> None:
        """Note that these contacts got less than was planned; what was left out is not applied."""
        for contact_id, change in lesser.items():
            lost = self.changes[contact_id].permissions.keys() - change.permissions.keys()
            if contact_id in self.verdicts:
                verdict = self.verdicts[contact_id]
                kept = {b: on for b, on in verdict.permissions.items() if b not in lost}
                self.verdicts = {**self.verdicts, contact_id: replace(verdict, permissions=kept)}
        self.changes = {**self.changes, **lesser}
        self.set_images(lesser)

    def set_images(self, changes: Mapping[str, Change]) -> None:
        """Set what contacts have and will get, merged with the images of earlier attempts."""
        for contact_id, change in changes.items():
            item = self.items[contact_id]
            item.before, item.after = item.claimed_before, item.claimed_after
            if change.before is not None:
                item.before = image.earliest(item.claimed_before, change.before)
                item.after = image.latest(item.claimed_after, change.after)

    @property
    def environment_id(self) -> int:
        return self.environment.id

    @property
    def has_acts(self) -> bool:
        return self.run.has_acts

    @property
    def is_stale(self) -> bool:
        """Whether the plan is too old to be sent."""
        until = self.known_at + UNKNOWN if self.has_acts else self.planned_at + STALE
        return time.monotonic() > until

    @property
    def is_single(self) -> bool:
        """Whether it is one contact, or several that part, which is worth extra calls for the exact
        state of each."""
        return len(self.items) == 1 or self.parts

    @property
    def parts(self) -> bool:
        """Whether its contacts are gone from the CRM."""
        return self.run.kind is RunKind.PARTING
