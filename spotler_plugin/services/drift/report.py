"""What came of the comparisons of an environment, and how far one under way is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import OF_LINKED, Drift, DriftStage, DriftState, Environment

PER_PAGE, PER_CHUNK = 1000, 100
"""Contacts that one call to Spotler, or one to the CRM, tells of: what takes the time. Of those who
are not linked most have no id, and take no call; they count as if read once more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is of comparisons: of each at most one."""

    ready: Drift | None
    """The last one that came to its end."""
    latest: Drift | None
    """The last one that was asked for, where that is another."""


def standing_of(environment_id: int) -> Standing:
    """Return the comparisons of the account that counts now."""
    newest = _of(environment_id).order_by(Drift.created_at.desc()).limit(1)
    latest = db.session.scalar(newest)
    ready = db.session.scalar(newest.where(Drift.state == DriftState.READY))
    return Standing(ready, latest if latest is not ready else None)


def find_drift(environment_id: int, drift_id: object) -> Drift | None:
    """Return the comparison as it is now, also where it was read before."""
    return db.session.scalar(_of(environment_id).where(Drift.id == drift_id))


def differing_linked(row: Drift) -> int:
    """Return how many linked contacts are not equal on both sides."""
    return sum(row.counts.get(kind, 0) for kind in OF_LINKED)


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int
    """Both weighed by the calls that a contact takes."""
    seconds_left: float | None
    """None when that is unknown."""


def progress_of(row: Drift) -> Progress:
    """Estimate how far it is, at the pace so far; what there is to read is known by then only."""
    is_reading = row.stage is DriftStage.READING
    to_read = max(row.to_read, row.read) if is_reading else row.read
    others = max(to_read - row.to_compare, 0) if row.stage is not DriftStage.OTHERS else 0
    others = max(others, row.other_total)
    done = (row.read + row.others) / PER_PAGE + row.compared / PER_CHUNK
    total = (to_read + others) / PER_PAGE + row.to_compare / PER_CHUNK
    left = None
    if done and row.state is DriftState.OPEN:
        passed = (datetime.now(UTC) - row.created_at).total_seconds()
        left = passed / done * max(total - done, 0)
    return Progress(round(done * PER_PAGE), max(round(total * PER_PAGE), 1), left)


def _of(environment_id: int) -> Select[Drift]:
    """Return a query of the environment's comparisons, without those of a former account."""
    of_this = Drift.environment_id == environment_id
    return (
        select(Drift)
        .join(Environment, Environment.id == Drift.environment_id)
        .where(
            of_this,
            or_(Environment.account_since.is_(None), Environment.account_since <= Drift.created_at),
        )
        .execution_options(populate_existing=True)
    )
