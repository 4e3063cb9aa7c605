"""Runs, and one item per contact with its outcome, reason, and state before and after."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from spotler_plugin.extensions import Model
from spotler_plugin.models.act import Source
from spotler_plugin.models.columns import BitMap, Cut, JsonOf, UtcDateTime, Whole, enum_column
from spotler_plugin.models.environment import Owned
from spotler_plugin.models.outcome import Outcome
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.proposal import Remapping
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.planning.undo.patch import Patch


class RunKind(StrEnum):
    """What a run is for."""

    CONTACT = "contact"
    """One contact, saved by a person on its screen."""
    BULK = "bulk"
    MAPPING = "mapping"
    """The mapping was changed: all linked contacts are updated."""
    SYNC = "sync"
    """All linked contacts, because somebody asked."""
    CHANGE = "change"
    """Linked contacts that changed in the CRM."""
    MERGE = "merge"
    """A linked contact, into which another one was merged in the CRM."""
    PARTING = "parting"
    """Contacts that are gone from the CRM: their permissions go off, and they are unlinked."""
    ACTION = "action"
    """One contact, for an automatic action."""
    UNDO = "undo"
    """Contacts of a run that is over: what it did is taken back."""
    RESTORE = "restore"
    """Linked contacts become what they were in a backup."""
    LINK = "link"
    """Contacts that Spotler had before we came are linked and updated."""


ADDING = frozenset({RunKind.CONTACT, RunKind.BULK, RunKind.ACTION, RunKind.LINK})
"""Kinds that may link contacts; the others only update linked ones."""
SWITCHING = ADDING - {RunKind.LINK} | {RunKind.MERGE}
"""Kinds that can have acts, and switch permissions by them."""
OF_EVENTS = frozenset({RunKind.CHANGE, RunKind.MERGE, RunKind.PARTING})
"""Kinds that nobody asked for: the CRM told what happened."""
OF_ALL_LINKED = frozenset({RunKind.MAPPING, RunKind.SYNC})
"""Kinds over all linked contacts: a newer run does the rest of an older one's work."""
REPEATABLE = OF_EVENTS | OF_ALL_LINKED
"""Kinds that bring to Spotler what the CRM has now, or switch off: once more they do no harm."""
OF_ONE = frozenset({RunKind.CONTACT, RunKind.ACTION})
"""Kinds over one contact, of which there are many."""
UNDOABLE = frozenset(RunKind) - {RunKind.PARTING}
"""Kinds that can be taken back; nobody comes back to the CRM by that."""
IN_TURN = frozenset({RunKind.BULK, RunKind.UNDO})
"""Kinds that change contacts in the CRM: of one contact the older goes first."""
UNATTENDED = OF_EVENTS | {RunKind.ACTION}
"""Kinds that nobody waits for."""


class RunState(StrEnum):
    OPEN = "open"
    HALTED = "halted"
    """Nothing is sent until a person repairs the cause, e.g. the account's key."""
    FINISHED = "finished"
    CANCELLED = "cancelled"


UNDER_WAY = frozenset({RunState.OPEN, RunState.HALTED})
CLOSED = frozenset({RunState.FINISHED, RunState.CANCELLED})


class Run(Owned, Model):
    __table_args__ = (
        UniqueConstraint("environment_id", "request_token"),
        Index(None, "environment_id", "created_at"),
        Index(None, "state", "enqueued_at"),
        Index(None, "environment_id", "images_gone_at", "finished_at"),
        Index(None, "environment_id", "items_gone_at", "finished_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request_token: Mapped[UUID]
    """Of the form that asked for the run: a form sent twice creates one run."""
    kind: Mapped[RunKind] = mapped_column(enum_column(RunKind))
    source: Mapped[Source] = mapped_column(enum_column(Source))
    mapping_version: Mapped[int | None]
    """Version of the mapping when the run was created."""
    actor_id: Mapped[str | None] = mapped_column(Whole(200))
    actor_name: Mapped[str | None] = mapped_column(Cut(200))
    state: Mapped[RunState] = mapped_column(enum_column(RunState), default=RunState.OPEN)
    halted_because: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    enqueued_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a job for it was last enqueued; after a while the sweeper enqueues it again."""

    adjustment: Mapped[Adjustment | None] = mapped_column(JsonOf(Adjustment))
    """What a bulk mutation changes in all its contacts."""
    remapping: Mapped[Remapping | None] = mapped_column(JsonOf(Remapping))
    """How the mapping was changed with it."""
    undoes_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("run.id", ondelete="SET NULL"), index=True
    )
    """The run that it takes back."""
    undo: Mapped[Undo | None] = mapped_column(JsonOf(Undo))
    """Which part of that, and how far."""
    restores_id: Mapped[UUID | None] = mapped_column(ForeignKey("backup.id", ondelete="SET NULL"))
    """The backup that it puts back."""
    restore: Mapped[Restore | None] = mapped_column(JsonOf(Restore))

    selected: Mapped[int] = mapped_column(default=0)
    linked: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    blocked: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)

    may_empty: Mapped[int | None]
    """Values that it may empty, as its preview said; None: no limit, as for one contact."""
    may_switch_off: Mapped[int | None]
    """Permissions that it may switch off, likewise."""
    emptied: Mapped[int] = mapped_column(default=0)
    """Values that it emptied so far, or is about to; counted while there is a limit."""
    switched_off: Mapped[int] = mapped_column(default=0)

    images_gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When what it overwrote was removed (`services/retention`): it cannot be taken back."""
    items_gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When its contacts were removed likewise; the counts stay."""

    @property
    def has_acts(self) -> bool:
        """Whether it can have acts; a run that only follows the CRM, or only changes fields,
        switches nothing."""
        if self.undo is not None:
            return self.undo.switches
        if self.restore is not None:
            return self.restore.switches
        if self.adjustment is not None:
            return bool(self.adjustment.switches)
        return self.kind in SWITCHING


class RunItem(Owned, Model):
    __table_args__ = (
        UniqueConstraint("run_id", "contact_id"),
        Index(None, "run_id", "outcome", "due_at", "id"),
        Index(None, "run_id", "settled_at"),
        Index(None, "environment_id", "contact_id", "outcome"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    contact_id: Mapped[str] = mapped_column(Whole(120))
    take_over: Mapped[bool] = mapped_column(default=False)
    """A person said that the Spotler contact with this address is this contact."""
    seen: Mapped[dict[int, bool] | None] = mapped_column(BitMap)
    """The permissions as the screen showed them to who asked for it; None where none did."""
    outcome: Mapped[Outcome] = mapped_column(enum_column(Outcome), default=Outcome.OPEN)
    reason: Mapped[Reason | None] = mapped_column(enum_column(Reason))
    detail: Mapped[Detail | None] = mapped_column(JsonOf(Detail))
    attempts: Mapped[int] = mapped_column(default=0)
    """Failed attempts, without crashes."""
    crashes: Mapped[int] = mapped_column(default=0)
    """Claims in a row without a result: the worker died, or hit a bug."""
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    before: Mapped[Image | None] = mapped_column(JsonOf(Image))
    """The part of the contact that was overwritten."""
    after: Mapped[Image | None] = mapped_column(JsonOf(Image))
    """What was sent."""
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    patch_key: Mapped[UUID | None]
    """Of the call that changes it in the CRM; the contacts with one key go in one call."""
    patched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the CRM had changed it."""
    patch: Mapped[Patch | None] = mapped_column(JsonOf(Patch))
    """What that call changes in it."""
