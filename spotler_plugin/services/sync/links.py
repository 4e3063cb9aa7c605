"""Store the results of a chunk on its links, and release the leases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, literal, update

from spotler_plugin.extensions import db
from spotler_plugin.models import IN_STEP, Link, Outcome
from spotler_plugin.services.lease import FREE
from spotler_plugin.services.link.lease import LINKS, is_held, release_leases
from spotler_plugin.services.sync.chunk import Item


def settle_links(
    environment_id: int,
    lease: UUID,
    items: Collection[Item],
    versions: Mapping[str, str],
    now: datetime,
) -> set[str]:
    """Release the leases, and store on each link the result of its latest attempt.

    `versions` are the CRM's. Returns the contacts whose leases were still held; links of the
    others are not changed.
    """
    written = {each.contact_id: versions.get(each.contact_id) for each in items if _is_good(each)}
    kept = _succeed(environment_id, lease, written, now) if written else set()
    others = {item.contact_id: item for item in items if item.contact_id not in written}
    if others:
        ours = release_leases(environment_id, others, lease)
        _fail(environment_id, [others[id_] for id_ in sorted(ours)])
        kept |= ours
    return kept


def _is_good(item: Item) -> bool:
    return item.outcome in IN_STEP


def _succeed(
    environment_id: int, lease: UUID, versions: Mapping[str, str | None], now: datetime
) -> set[str]:
    rows = db.session.execute(
        update(Link)
        .where(is_held(environment_id, versions, lease))
        .values(
            **FREE,
            linked_at=func.coalesce(Link.linked_at, literal(now, LINKS.c.linked_at.type)),
            synced_at=now,
            former_address=None,
            problem=None,
            problem_detail=None,
            problem_outcome=None,
        )
        .returning(Link.contact_id, Link.crm_version),
        execution_options={"synchronize_session": False},
    )
    known = {contact_id: version for contact_id, version in rows}
    _write(
        environment_id,
        {"crm_version": bindparam("version")},
        [
            {"contact": contact_id, "version": versions[contact_id]}
            for contact_id in sorted(known)
            if versions[contact_id] != known[contact_id]
        ],
    )
    return set(known)


def _fail(environment_id: int, items: Collection[Item]) -> None:
    """Store why contacts were not written; links of contacts to be retried stay as they are."""
    _write(
        environment_id,
        {
            "problem": bindparam("reason"),
            "problem_detail": bindparam("detail", type_=LINKS.c.problem_detail.type),
            "problem_outcome": bindparam("outcome"),
        },
        [
            {
                "contact": item.contact_id,
                "reason": item.reason,
                "detail": item.detail,
                "outcome": item.outcome.value,
            }
            for item in items
            if item.outcome is not Outcome.OPEN
        ],
    )


def _write(environment_id: int, values: Mapping[str, Any], rows: list[dict[str, Any]]) -> None:
    """Update the link of each row's `contact` with the values of that row."""
    if rows:
        of_one = update(LINKS).where(
            LINKS.c.environment_id == environment_id, LINKS.c.contact_id == bindparam("contact")
        )
        db.session.connection().execute(of_one.values(values), rows)
