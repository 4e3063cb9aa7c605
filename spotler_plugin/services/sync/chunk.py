"""Some contacts of a run, leased by one worker, on their way through a turn."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from spotler_plugin.models import ADDING, Environment, Outcome, Run
from spotler_plugin.planning.consent import Consent
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.plan import Change
from spotler_plugin.planning.reason import Reason


@dataclass(slots=True)
class Item:
    """A contact's row in the ledger while it is carried out; `ledger` writes it back."""

    id: int
    contact_id: str
    take_over: bool
    attempts: int
    crashes: int
    due_at: datetime
    before: Image | None = None
    after: Image | None = None
    outcome: Outcome = Outcome.OPEN
    reason: Reason | None = None
    detail: Detail | None = None
    settled_at: datetime | None = None
    claimed_before: Image | None = field(init=False)
    """The images of earlier tries, which this one adds to."""
    claimed_after: Image | None = field(init=False)

    def __post_init__(self) -> None:
        self.claimed_before, self.claimed_after = self.before, self.after


@dataclass(slots=True)
class Chunk:
    """Filled from top to bottom: each step reads what the steps before it left."""

    environment: Environment
    run: Run
    lease: UUID
    items: dict[str, Item]
    versions: Mapping[str, str] = field(default_factory=dict)
    """The CRM's version that each contact was planned by."""
    verdicts: Mapping[str, Consent] = field(default_factory=dict)
    """What each contact's acts may switch."""
    changes: Mapping[str, Change] = field(default_factory=dict)
    """The plan."""
    writes: Mapping[str, Change] = field(default_factory=dict)
    """What of it is to be sent, of contacts whose leases were still ours."""
    lost: set[str] = field(default_factory=set)
    """Contacts whose leases were lost on the way: they are others' now."""
    planned_at: float = 0.0
    """When it was read and planned, by the monotonic clock."""
    held_at: float = field(default_factory=time.monotonic)
    """When the leases were last taken or renewed, by the monotonic clock."""

    @property
    def environment_id(self) -> int:
        return self.environment.id

    @property
    def has_acts(self) -> bool:
        """Whether it was asked for with acts; a run that only follows the CRM switches nothing."""
        return self.run.kind in ADDING

    @property
    def is_single(self) -> bool:
        """One contact, with a person waiting: worth a call to know exactly."""
        return len(self.items) == 1
