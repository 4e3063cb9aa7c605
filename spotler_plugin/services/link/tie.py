"""Mark contacts as linked or not, as Spotler reports which of our ids it knows.

Pages of the feed skip leased links: the worker that writes such a contact updates its link.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Link,
    Outcome,
)
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.lease import is_free
from spotler_plugin.services.link.former import is_recognised
from spotler_plugin.services.link.lease import LINKS, open_links

ENDED = frozenset({Reason.INACTIVE, Reason.GONE_IN_SPOTLER})
"""Problems that are over once Spotler knows the contact; whether it is active the mirror says."""
WITHOUT_PROBLEM = {"problem": None, "problem_detail": None, "problem_outcome": None}

OF_INACTIVE = WITHOUT_PROBLEM | {
    "problem": Reason.INACTIVE,
    "problem_outcome": Outcome.BLOCKED,
}


def tie_links(environment_id: int, contact_ids: Collection[str]) -> None:
    """Mark contacts as linked, whose ids Spotler knows; the mirror says which are inactive."""
    now = datetime.now(UTC)
    untied = and_(Link.linked_at.is_(None), _is_here(), is_recognised(), is_free(Link, now))
    _set(environment_id, contact_ids, untied, {"linked_at": now, "former_address": None})
    # With details, it is the contact that has its new address that is inactive.
    own = and_(Link.problem.in_(ENDED), Link.problem_detail.is_(None))
    outdated = and_(own, is_free(Link, now))
    _set(environment_id, contact_ids, outdated, WITHOUT_PROBLEM)


def tie_known(environment_id: int, addresses: Mapping[str, str]) -> None:
    """Mark contacts as linked that Spotler has with this id and address, and the CRM as well."""
    if not addresses:
        return
    now = datetime.now(UTC)
    known = and_(Link.linked_at.is_(None), _is_here(), is_free(Link, now))
    _set(
        environment_id,
        addresses,
        known,
        WITHOUT_PROBLEM | {"linked_at": now, "former_address": None},
    )
    of_one = update(LINKS).where(
        LINKS.c.environment_id == environment_id,
        LINKS.c.contact_id == bindparam("contact"),
        LINKS.c.linked_at == now,
    )
    rows = [{"contact": id_, "has": address} for id_, address in addresses.items()]
    db.session.connection().execute(of_one.values(address=bindparam("has")), rows)


def _is_here() -> ColumnElement[bool]:
    """Who is gone from the CRM, or was erased, keeps the id in Spotler."""
    gone = (Link.deleted_at, Link.merged_into, Link.erased_at)
    return and_(*(each.is_(None) for each in gone))


def untie_links(environment_id: int, contact_ids: Collection[str]) -> None:
    """Mark contacts as not linked, whose ids Spotler no longer knows."""
    now = datetime.now(UTC)
    bound = and_(Link.linked_at.is_not(None), is_free(Link, now))
    _set(environment_id, contact_ids, bound, {"linked_at": None})


def untie_holders(environment_id: int, contact_id: str) -> list[str]:
    """Unlink the other contacts with this contact's address, which it took over; return these.

    They keep it on their links: what was signed off under them counts for who has it now.
    """
    own = (
        select(Link.address)
        .where(Link.environment_id == environment_id, Link.contact_id == contact_id)
        .scalar_subquery()
    )
    untied = db.session.scalars(
        update(Link)
        .where(
            Link.environment_id == environment_id,
            Link.address == own,
            Link.contact_id != contact_id,
        )
        .values(
            linked_at=None,
            problem=Reason.ADDRESS_OF_ANOTHER,
            problem_detail=Detail(holder=contact_id),
            problem_outcome=Outcome.BLOCKED,
        )
        .returning(Link.contact_id),
        execution_options={"synchronize_session": False},
    )
    return list(untied)


def note_former_holder(environment_id: int, holder: str, contact_id: str) -> None:
    """Keep the address on a link of the Spotler contact that a contact took it over from."""
    address = db.session.scalar(
        select(Link.address).where(
            Link.environment_id == environment_id, Link.contact_id == contact_id
        )
    )
    open_links(environment_id, [holder])
    _set(environment_id, [holder], Link.linked_at.is_(None), {"address": address})


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


def untie_link(environment_id: int, contact_id: str, read_at: datetime, *, inactive: bool) -> None:
    """Mark a contact as not linked; `inactive`: Spotler's contact with its address is inactive.

    A link that a worker is writing, or has written since `read_at`, is newer and stays.
    """
    unwritten = or_(Link.synced_at.is_(None), Link.synced_at <= read_at)
    older = and_(is_free(Link, datetime.now(UTC)), unwritten)
    _set(environment_id, [contact_id], older, {"linked_at": None})
    if inactive:
        _set(environment_id, [contact_id], older, OF_INACTIVE)
    else:
        # From now on the mirror says whether it is inactive.
        outdated = and_(Link.problem == Reason.INACTIVE, older)
        _set(environment_id, [contact_id], outdated, WITHOUT_PROBLEM)
