"""Some contacts of a run, whose lanes one worker holds, on their way through a slice of work."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from spotler_plugin.crm import CrmContact
from spotler_plugin.models import ADDING, Environment, Outcome, Run
from spotler_plugin.planning.consent import Consent
from spotler_plugin.planning.plan import Change


@dataclass(slots=True)
class Item:
    """A contact's row in the ledger while it is carried out; `services/ledger` writes it back."""

    id: int
    contact_id: str
    take_over: bool
    attempts: int
    strikes: int
    due_at: datetime
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    outcome: Outcome = Outcome.OPEN
    reason: str | None = None
    detail: dict[str, Any] | None = None
    settled_at: datetime | None = None
    claimed_before: dict[str, Any] | None = field(init=False)
    """The images of earlier tries, which this one adds to."""
    claimed_after: dict[str, Any] | None = field(init=False)

    def __post_init__(self) -> None:
        self.claimed_before, self.claimed_after = self.before, self.after


@dataclass(slots=True)
class Chunk:
    """Filled from top to bottom: each step reads what the steps before it left."""

    environment: Environment
    run: Run
    lease: UUID
    items: dict[str, Item]
    people: Mapping[str, CrmContact] = field(default_factory=dict)
    """The contacts that the CRM still knows."""
    verdicts: Mapping[str, Consent] = field(default_factory=dict)
    """What each contact's acts may switch."""
    changes: Mapping[str, Change] = field(default_factory=dict)
    """The plan."""
    writes: Mapping[str, Change] = field(default_factory=dict)
    """What of it is to be sent, of contacts whose lanes were still ours."""
    lost: set[str] = field(default_factory=set)
    """Contacts whose lanes were lost on the way: they are others' now."""
    planned_at: float = 0.0
    """When it was read and planned, by the monotonic clock."""
    held_at: float = field(default_factory=time.monotonic)
    """When the lanes were last taken or renewed, by the monotonic clock."""

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
