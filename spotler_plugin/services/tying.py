"""Links follow what the feed tells: which contacts answer to our ids, and which no longer do.

A link whose lane is held is left alone: whoever writes the contact now settles it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Link
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services import lane

WITHOUT_PROBLEM = {"problem": None, "problem_detail": None, "problem_outcome": None}


def tied(environment_id: int, contact_ids: Collection[str]) -> None:
    """Spotler knows these ids: links among them are tied, and the mirror tells who is inactive."""
    now = datetime.now(UTC)
    untied = Link.linked_at.is_(None)
    _set(environment_id, contact_ids, and_(untied, lane.free(now)), {"linked_at": now})
    outdated = and_(Link.problem == Reason.INACTIVE, lane.free(now))
    _set(environment_id, contact_ids, outdated, WITHOUT_PROBLEM)


def lost(environment_id: int, contact_ids: Collection[str]) -> None:
    """Nobody in Spotler answers to these ids any more: their links are untied."""
    now = datetime.now(UTC)
    bound = and_(Link.linked_at.is_not(None), lane.free(now))
    _set(environment_id, contact_ids, bound, {"linked_at": None})


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
