"""Mark contacts as linked or not, as Spotler reports which of our ids it knows.

Pages of the feed skip leased links: the worker that writes such a contact updates its link.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Link,
    Outcome,
)
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.lease import is_free
from spotler_plugin.services.link.former import is_recognised
from spotler_plugin.services.link.lease import open_links

ENDED = frozenset({Reason.INACTIVE, Reason.GONE_IN_SPOTLER})
"""Problems that are over once Spotler knows the contact; whether it is active the mirror says."""
WITHOUT_PROBLEM = {"problem": None, "problem_detail": None, "problem_outcome": None}


def tie_links(environment_id: int, contact_ids: Collection[str]) -> None:
    """Mark contacts as linked, whose ids Spotler knows; the mirror says which are inactive."""
    now = datetime.now(UTC)
    untied = and_(Link.linked_at.is_(None), is_recognised(), is_free(Link, now))
    _set(environment_id, contact_ids, untied, {"linked_at": now, "former_address": None})
    outdated = and_(Link.problem.in_(ENDED), is_free(Link, now))
    _set(environment_id, contact_ids, outdated, WITHOUT_PROBLEM)


def untie_links(environment_id: int, contact_ids: Collection[str]) -> None:
    """Mark contacts as not linked, whose ids Spotler no longer knows."""
    now = datetime.now(UTC)
    bound = and_(Link.linked_at.is_not(None), is_free(Link, now))
    _set(environment_id, contact_ids, bound, {"linked_at": None})


def untie_holders(environment_id: int, contact_id: str) -> None:
    """Unlink the other contacts with this contact's address, which it took over."""
    own = (
        select(Link.address)
        .where(Link.environment_id == environment_id, Link.contact_id == contact_id)
        .scalar_subquery()
    )
    db.session.execute(
        update(Link)
        .where(
            Link.environment_id == environment_id,
            Link.address == own,
            Link.contact_id != contact_id,
        )
        .values(
            linked_at=None,
            address=None,
            problem=Reason.ADDRESS_OF_ANOTHER,
            problem_detail=Detail(holder=contact_id),
            problem_outcome=Outcome.BLOCKED,
        ),
        execution_options={"synchronize_session": False},
    )


def _set(
    environment_id: int, contact_ids: Collection[str], condition: Any, values: dict[str, Any]
) -> None:
    if contact_ids:
        db.session.execute(
            update(Link)
            .where(
                Link.environment_id == environment_id, Link.contact_id.in_(contact_ids), condition
            )
            .values(**values),
            execution_options={"synchronize_session": False},
        )


def tie_link(environment_id: int, contact_id: str) -> None:
    """Mark a contact as linked: Spotler knows its id, whoever wrote it there."""
    row = _open(environment_id, contact_id)
    row.linked_at, row.former_address = row.linked_at or datetime.now(UTC), None
    if row.problem in ENDED:
        row.problem = row.problem_detail = row.problem_outcome = None


def untie_link(environment_id: int, contact_id: str, *, inactive: bool) -> None:
    """Mark a contact as not linked; `inactive`: Spotler's contact with its address is inactive."""
    row = _open(environment_id, contact_id)
    row.linked_at = None
    if inactive:
        row.problem, row.problem_detail = Reason.INACTIVE, None
        row.problem_outcome = Outcome.BLOCKED
    elif row.problem is Reason.INACTIVE:
        row.problem = row.problem_detail = row.problem_outcome = None


def _open(environment_id: int, contact_id: str) -> Link:
    open_links(environment_id, [contact_id])
    return db.session.scalars(
        select(Link).where(Link.environment_id == environment_id, Link.contact_id == contact_id)
    ).one()
