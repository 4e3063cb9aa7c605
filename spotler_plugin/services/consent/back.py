"""Acts of a run that an undo takes back: what they switched on goes off again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, insert, literal, or_, select
from sqlalchemy.orm import aliased

from spotler_plugin.extensions import db
from spotler_plugin.models import TAKING_BACK, Act, Run, RunItem
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.services.catalogue.permissions import listed_permissions
from spotler_plugin.sql import among


def standing_acts(
    environment_id: int, run_id: UUID, contact_ids: Collection[str]
) -> dict[tuple[str, int], bool]:
    """Return contact and bit of what a run's acts switched on, and whether that is the newest act.

    Where it is not, somebody else switched it since.
    """
    rows = db.session.execute(
        _switched_on(environment_id, run_id)
        .where(among(Act.contact_id, contact_ids))
        .with_only_columns(Act.contact_id, Act.bit, ~_has_newer(run_id))
    )
    return {(contact_id, bit): stands for contact_id, bit, stands in rows}


def record_acts_back(run: Run, undo: Undo) -> bool:
    """Record, for each contact of an undo, acts that switch off what the run that it takes back
    switched on; return whether there are any."""
    assert run.undoes_id is not None
    bits = [permission.bit for permission in listed_permissions(run.environment_id)]
    of_run = (
        _switched_on(run.environment_id, run.undoes_id)
        .join(
            RunItem,
            and_(
                RunItem.environment_id == Act.environment_id, RunItem.contact_id == Act.contact_id
            ),
        )
        .where(RunItem.run_id == run.id, among(Act.bit, bits))
    )
    if not undo.overrides:
        of_run = of_run.where(~_has_newer(run.undoes_id))
    columns = {
        "environment_id": Act.environment_id,
        "contact_id": Act.contact_id,
        "bit": Act.bit,
        "enabled": literal(False),
        "at": literal(run.created_at, Act.at.type),
        "actor_id": literal(run.actor_id, Act.actor_id.type),
        "actor_name": literal(run.actor_name, Act.actor_name.type),
        "source": literal(run.source, Act.source.type),
        "run_id": RunItem.run_id,
        "address_digest": Act.address_digest,
    }
    rows = of_run.with_only_columns(*columns.values()).order_by(Act.id)
    # Past the session: there may be a hundred thousand.
    db.session.connection().execute(insert(Act).from_select(list(columns), rows))
    own = exists().where(Act.environment_id == run.environment_id, Act.run_id == run.id)
    return bool(db.session.scalar(select(own)))


def record_acts_off(run: Run, off: Mapping[str, Collection[int]]) -> None:
    """Record, for contacts of a restore, acts that switch these bits off, except those that it has.

    Which ones a restore switches off is known only when the contact is read from the backup.
    """
    own = (Act.environment_id == run.environment_id, Act.run_id == run.id)
    rows = db.session.execute(
        select(Act.contact_id, Act.bit).where(*own, among(Act.contact_id, off))
    )
    known = {(contact_id, bit) for contact_id, bit in rows}
    bits = {permission.bit for permission in listed_permissions(run.environment_id)}
    acts = [
        {
            "environment_id": run.environment_id,
            "contact_id": contact_id,
            "bit": bit,
            "enabled": False,
            "at": run.created_at,
            "actor_id": run.actor_id,
            "actor_name": run.actor_name,
            "source": run.source,
            "run_id": run.id,
        }
        for contact_id, asked in off.items()
        for bit in sorted(bits.intersection(asked))
        if (contact_id, bit) not in known
    ]
    if acts:
        db.session.execute(insert(Act), acts)


def _switched_on(environment_id: int, run_id: UUID) -> Select[Act]:
    return select(Act).where(
        Act.environment_id == environment_id,
        Act.run_id == run_id,
        Act.enabled.is_(True),
        Act.applied_at.is_not(None),
    )


def _has_newer(run_id: UUID) -> ColumnElement[bool]:
    """Return the condition that somebody else switched it after this act."""
    newer = aliased(Act)
    return exists().where(
        newer.environment_id == Act.environment_id,
        newer.contact_id == Act.contact_id,
        newer.bit == Act.bit,
        newer.at > Act.at,
        newer.applied_at.is_not(None),
        newer.source.not_in(TAKING_BACK),
        or_(newer.run_id.is_(None), newer.run_id != run_id),
    )
