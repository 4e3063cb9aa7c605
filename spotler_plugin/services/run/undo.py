"""What can be taken back of a run, and which runs took it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, func, or_, select, true
from sqlalchemy.orm import aliased

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    CLOSED,
    ENROLLED,
    IN_STEP,
    UNDOABLE,
    Enrolment,
    Environment,
    Run,
    RunItem,
    Whom,
)
from spotler_plugin.planning.proposal import Proposal, problems
from spotler_plugin.services.catalogue.fields import crm_fields
from spotler_plugin.services.catalogue.properties import account_properties
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.run.items import ItemView, view_of
from spotler_plugin.services.run.report import Report, reports_of
from spotler_plugin.services.run.whom import Group, contacts_of


@dataclass(frozen=True, slots=True)
class Undoable:
    """The part of a run that can be taken back, and what cannot."""

    contact_id: str | None
    """Of that run this one alone."""
    item_id: int | None
    """The item of that one."""
    mapping: Proposal | None
    """The mapping as it is now, without what was changed with the run; None where that is none."""
    patches: bool
    """Whether contacts were changed in the CRM too."""
    starts: int
    """Automations that it started, which nothing takes back."""


def find_undoable(
    environment: Environment,
    run_id: UUID,
    *,
    item_id: int | None = None,
    contact_id: str | None = None,
) -> Undoable | None:
    """Return what can be taken back of a run, or of one contact of it, by its item or by itself;
    None where nothing can.

    A run of a Spotler account that was replaced since says nothing about this one; of one that
    ended long ago nothing is kept to put back.
    """
    run = db.session.scalar(
        select(Run).where(Run.environment_id == environment.id, Run.id == run_id)
    )
    since = environment.account_since
    if run is None or run.state not in CLOSED or run.kind not in UNDOABLE:
        return None
    if run.images_gone_at is not None or (since is not None and run.created_at < since):
        return None
    if item_id is not None or contact_id is not None:
        item_id, contact_id = _item_of(run, item_id, contact_id)
        if contact_id is None:
            return None
    group = Group(environment.id, Whom.RUN, run_id=run.id, contact_id=contact_id)
    if not db.session.scalar(select(contacts_of(group).exists())):
        return None
    whole = contact_id is None
    return Undoable(
        contact_id=contact_id,
        item_id=item_id,
        mapping=_mapping_back(run) if whole else None,
        patches=_has_patches(run),
        starts=_count_starts(run, contact_id),
    )


def undos_of(environment_id: int, run_id: UUID) -> Sequence[Report]:
    """Return the runs that took it back, or a part of it, the newest first."""
    runs = db.session.scalars(
        select(Run)
        .where(Run.environment_id == environment_id, Run.undoes_id == run_id)
        .order_by(Run.created_at.desc())
    ).all()
    return reports_of(environment_id, runs)


@dataclass(frozen=True, slots=True)
class Changed:
    """A run that changed a contact, and can be taken back for it."""

    report: Report
    item: ItemView
    is_undone: bool
    """Whether an undo of it came to its end with this contact."""


def changed_by(environment: Environment, contact_id: str, limit: int) -> list[Changed]:
    """Return the runs that changed a contact, newest first, as far as they can be taken back."""
    since = environment.account_since
    of_contact = (
        RunItem.environment_id == environment.id,
        RunItem.contact_id == contact_id,
        or_(RunItem.before.is_not(None), RunItem.patch_key.is_not(None)),
    )
    undo, undone = aliased(Run), aliased(RunItem)
    is_undone = (
        exists()
        .where(
            undo.environment_id == environment.id,
            undo.undoes_id == Run.id,
            undone.environment_id == environment.id,
            undone.run_id == undo.id,
            undone.contact_id == contact_id,
            undone.outcome.in_(IN_STEP),
        )
        .correlate(Run)
    )
    rows = db.session.execute(
        select(Run, RunItem, is_undone)
        .join(RunItem, RunItem.run_id == Run.id)
        .where(
            *of_contact,
            Run.environment_id == environment.id,
            Run.state.in_(CLOSED),
            Run.kind.in_(UNDOABLE),
            true() if since is None else Run.created_at >= since,
        )
        .order_by(Run.created_at.desc(), Run.id)
        .limit(limit)
    ).all()
    reports = reports_of(environment.id, [run for run, *_ in rows])
    return [
        Changed(report, view_of(item), bool(over))
        for report, (_run, item, over) in zip(reports, rows, strict=True)
    ]


def _item_of(
    run: Run, item_id: int | None, contact_id: str | None
) -> tuple[int | None, str | None]:
    """Return the item and its contact, by either of them."""
    which = RunItem.id == item_id if item_id is not None else RunItem.contact_id == contact_id
    found = db.session.execute(
        select(RunItem.id, RunItem.contact_id).where(
            RunItem.environment_id == run.environment_id, RunItem.run_id == run.id, which
        )
    ).one_or_none()
    return found if found is not None else (None, None)


def _mapping_back(run: Run) -> Proposal | None:
    if run.remapping is None:
        return None
    now = saved_mapping(run.environment_id)
    back = run.remapping.back(now)
    fields, properties = crm_fields(run.environment_id), account_properties(run.environment_id)
    return back if back != now and not problems(back, back, fields, properties) else None


def _has_patches(run: Run) -> bool:
    patched = exists().where(
        RunItem.environment_id == run.environment_id,
        RunItem.run_id == run.id,
        RunItem.patch_key.is_not(None),
        RunItem.patch.is_not(None),
    )
    return bool(db.session.scalar(select(patched)))


def _count_starts(run: Run, contact_id: str | None) -> int:
    started = select(func.count()).where(
        Enrolment.environment_id == run.environment_id,
        Enrolment.run_id == run.id,
        Enrolment.state.in_(ENROLLED),
    )
    if contact_id is not None:
        started = started.where(Enrolment.contact_id == contact_id)
    return db.session.scalar(started) or 0
