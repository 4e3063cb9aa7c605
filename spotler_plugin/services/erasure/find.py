"""Erasures as people see them: those that there are, and what one would wipe."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Backup, BackupState, Erasure, MirrorContact, RunItem
from spotler_plugin.services.pagination import SIZE, Page, within


@dataclass(frozen=True, slots=True)
class Outlook:
    """What there is of a contact, as far as it can be told at a glance."""

    in_spotler: bool
    """Whether Spotler is known to have it."""
    runs: int
    """Synchronisations that hold values of it."""
    acts: int
    backups: int
    """All that there are: it is looked for in each."""


def find_outlook(environment_id: int, contact_id: str) -> Outlook:
    mirrored = select(MirrorContact.id).where(
        MirrorContact.environment_id == environment_id, MirrorContact.external_id == contact_id
    )
    runs = select(func.count(RunItem.id)).where(
        RunItem.environment_id == environment_id,
        RunItem.contact_id == contact_id,
        or_(RunItem.before.is_not(None), RunItem.after.is_not(None)),
    )
    acts = select(func.count(Act.id)).where(
        Act.environment_id == environment_id, Act.contact_id == contact_id
    )
    backups = select(func.count(Backup.id)).where(
        Backup.environment_id == environment_id, Backup.state == BackupState.COMPLETE
    )
    return Outlook(
        in_spotler=db.session.scalar(mirrored.limit(1)) is not None,
        runs=db.session.scalar(runs) or 0,
        acts=db.session.scalar(acts) or 0,
        backups=db.session.scalar(backups) or 0,
    )


def list_erasures(environment_id: int, number: int) -> Page[Erasure]:
    """Return a page of erasures, newest first, those that were lifted among them."""
    of_environment = Erasure.environment_id == environment_id
    total = db.session.scalar(select(func.count(Erasure.id)).where(of_environment)) or 0
    number = within(number, total)
    rows = db.session.scalars(
        select(Erasure)
        .where(of_environment)
        .order_by(Erasure.asked_at.desc(), Erasure.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
        .execution_options(populate_existing=True)
    )
    return Page(rows.all(), number, total)
