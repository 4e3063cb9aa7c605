"""Who is a relation's primary contact, and who was: the CRM forgets that, so the link keeps it.

It is written with the result of a run, when Spotler holds what follows from it. A contact of which
that failed still counts as the primary one, and is looked at again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from spotler_plugin.extensions import db
from spotler_plugin.models import Link
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.sql import among


def former_primaries(environment_id: int, relations: Mapping[str, str | None]) -> set[str]:
    """Return who was the primary contact of the relation that it has now, or had before.

    `relations` are those of contacts that are not primary. Who went to another relation has the
    values of that one.
    """
    rows = db.session.execute(
        select(Link.contact_id, Link.primary_of).where(
            Link.environment_id == environment_id,
            among(Link.contact_id, relations),
            Link.primary_of.is_not(None),
        )
    )
    return {id_ for id_, relation_id in rows if relations[id_] in (None, relation_id)}


def noted_primary(
    relation_id: str | None, before: str | None, since: datetime | None, now: datetime
) -> tuple[str | None, datetime | None]:
    """Return `primary_of` and `primary_since` of a link, once its contact was read as the primary
    one of a relation, or of none; `before` and `since` are what the link has."""
    known = before if since is not None else None
    if relation_id == known or not (relation_id is None or is_crm_id(relation_id)):
        return before, since
    return (before, None) if relation_id is None else (relation_id, now)


def linked_primaries(environment_id: int, relation_ids: Collection[str]) -> dict[str, set[str]]:
    """Return by relation the linked contacts that were its primary one when they were last read."""
    rows = db.session.execute(
        select(Link.primary_of, Link.contact_id).where(
            Link.environment_id == environment_id,
            among(Link.primary_of, relation_ids),
            Link.primary_since.is_not(None),
            Link.linked_at.is_not(None),
        )
    )
    found: dict[str, set[str]] = {}
    for relation_id, contact_id in rows:
        found.setdefault(str(relation_id), set()).add(contact_id)
    return found


def overtaken_primaries(environment_id: int) -> set[str]:
    """Return the linked contacts whose place another one was seen to have, after they were read.

    One that could not be written is left out: it is looked at when that is repaired.
    """
    newer = aliased(Link)
    rows = db.session.scalars(
        select(Link.contact_id)
        .join(
            newer,
            (newer.environment_id == Link.environment_id)
            & (newer.primary_of == Link.primary_of)
            & (newer.contact_id != Link.contact_id),
        )
        .where(
            Link.environment_id == environment_id,
            newer.environment_id == environment_id,
            Link.primary_since.is_not(None),
            Link.linked_at.is_not(None),
            Link.problem.is_(None),
            newer.primary_since > Link.synced_at,
        )
    )
    return set(rows)
