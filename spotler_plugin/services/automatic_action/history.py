"""The history of an automatic action: what fired, for whom, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    MAY_BE_RETRIED,
    Automation,
    Enrolment,
    EnrolmentState,
    Firing,
    FiringState,
    MirrorContact,
    Outcome,
    Run,
    RunItem,
    RunState,
)
from spotler_plugin.planning.adjustment import NONE_SKIPPED, Adjustment, Skipped
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.reason import FOR_SPOTLER, Reason
from spotler_plugin.services.automatic_action.retry import HOPELESS
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.services.pagination import SIZE, Page, within


@dataclass(frozen=True, slots=True)
class Start:
    """An automation that was asked for."""

    label: str
    state: EnrolmentState
    reason: str | None


@dataclass(frozen=True, slots=True)
class FiringView:
    """A firing, with what its run did; name and address are the mirror's."""

    id: UUID
    contact_id: str
    name: str | None
    address: str | None
    from_phase: str | None
    to_phase: str | None
    fired_at: datetime
    adjustment: Adjustment
    state: FiringState
    told: bool
    """Whether the CRM has note and status."""
    outcome: Outcome
    """Of its run; OPEN before there is one."""
    reason: Reason | None
    detail: Detail
    switched: dict[int, bool]
    """Permissions that Spotler took."""
    starts: tuple[Start, ...]
    skipped: Skipped
    """What it was to do with something that Spotler no longer had."""

    @property
    def is_open(self) -> bool:
        return self.state is FiringState.OPEN or (
            self.state is FiringState.HANDED_OVER and self.outcome is Outcome.OPEN
        )

    @property
    def may_retry(self) -> bool:
        if self.reason in FOR_SPOTLER | HOPELESS:
            return False
        return self.state is FiringState.FAILED or self.outcome in MAY_BE_RETRIED


def page_of_firings(environment_id: int, action_id: UUID, number: int) -> Page[FiringView]:
    """Return a page of firings, the newest first."""
    of_action = (Firing.environment_id == environment_id, Firing.action_id == action_id)
    total = db.session.scalar(select(func.count()).select_from(Firing).where(*of_action)) or 0
    number = within(number, total)
    rows = db.session.execute(
        select(Firing, RunItem, Run, MirrorContact.address, MirrorContact.properties)
        .outerjoin(Run, and_(Run.id == Firing.run_id, Run.environment_id == environment_id))
        .outerjoin(
            RunItem, and_(RunItem.environment_id == environment_id, RunItem.run_id == Firing.run_id)
        )
        .outerjoin(
            MirrorContact,
            and_(
                MirrorContact.environment_id == environment_id,
                MirrorContact.external_id == Firing.contact_id,
            ),
        )
        .where(*of_action)
        .order_by(Firing.fired_at.desc(), Firing.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
        # Runs are recorded past the session, so rows in it may be outdated.
        .execution_options(populate_existing=True)
    ).all()
    starts = _starts(environment_id, [firing.run_id for firing, *_ in rows if firing.run_id])
    views = [
        _view(firing, item, run, address, name_of(properties or {}), starts)
        for firing, item, run, address, properties in rows
    ]
    return Page(views, number, total)


def _view(
    firing: Firing,
    item: RunItem | None,
    run: Run | None,
    address: str | None,
    name: str | None,
    starts: dict[UUID, list[Start]],
) -> FiringView:
    halted = run.halted_because if run is not None and run.state is RunState.HALTED else None
    of_run = item.reason or halted if item is not None else None
    sent = item is not None and item.outcome in (Outcome.LINKED, Outcome.UPDATED)
    detail = Detail(message=firing.message) if firing.message else NOTHING
    return FiringView(
        id=firing.id,
        contact_id=firing.contact_id,
        name=name,
        address=address,
        from_phase=firing.from_phase,
        to_phase=firing.to_phase,
        fired_at=firing.fired_at,
        adjustment=firing.adjustment,
        state=firing.state,
        told=firing.told_at is not None,
        outcome=item.outcome if item is not None else Outcome.OPEN,
        reason=firing.reason or of_run,
        detail=(item.detail if item is not None else None) or detail,
        switched=dict(item.after.permissions) if item and item.after and sent else {},
        starts=tuple(starts.get(firing.run_id, ())) if firing.run_id else (),
        skipped=firing.skipped or NONE_SKIPPED,
    )


def _starts(environment_id: int, run_ids: Collection[UUID]) -> dict[UUID, list[Start]]:
    found: dict[UUID, list[Start]] = {}
    if run_ids:
        rows = db.session.execute(
            select(Enrolment.run_id, Automation.label, Enrolment.state, Enrolment.reason)
            .join(Automation, Automation.id == Enrolment.automation_id)
            .where(Enrolment.environment_id == environment_id, Enrolment.run_id.in_(run_ids))
            .order_by(Automation.label, Automation.id)
        )
        for run_id, label, state, reason in rows:
            found.setdefault(run_id, []).append(Start(label, state, reason))
    return found
