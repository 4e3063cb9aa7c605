"""That the contact's data were erased, and that somebody lets it be linked again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, SQLColumnExpression, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Erasure, ErasureState
from spotler_plugin.planning.history.place import Kind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.history.line import Wish


@dataclass(frozen=True, slots=True)
class Erased:
    """Somebody asked to erase the contact's data."""

    key: UUID
    at: datetime
    actor_name: str | None
    """None: the CRM told it by an event."""
    is_done: bool
    reason: Reason | None
    """Why it waits."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """An administrator let the contact be linked again."""

    key: UUID
    at: datetime
    actor_name: str | None


def find_erased(wish: Wish, rank: int) -> list[Erased]:
    rows = _rows(wish, rank, Erasure.asked_at)
    return [
        Erased(row.id, row.asked_at, row.actor_name, row.state is ErasureState.DONE, row.reason)
        for row in rows
    ]


def find_lifted(wish: Wish, rank: int) -> list[Lifted]:
    rows = _rows(wish, rank, Erasure.lifted_at)
    return [Lifted(row.id, row.lifted_at, row.lifted_by_name) for row in rows if row.lifted_at]


def _rows(wish: Wish, rank: int, at: SQLColumnExpression[Any]) -> list[Erasure]:
    if wish.kind not in (None, Kind.LINK):
        return []
    rows: Select[Erasure] = select(Erasure).where(
        Erasure.environment_id == wish.environment_id,
        Erasure.contact_id == wish.contact_id,
        at.is_not(None),
        *wish.rest(rank, at, Erasure.id, UUID),
    )
    found = rows.order_by(at.desc(), Erasure.id.desc()).limit(wish.limit)
    # Its state is changed past the session, so rows in it may be outdated.
    return list(db.session.scalars(found.execution_options(populate_existing=True)))
