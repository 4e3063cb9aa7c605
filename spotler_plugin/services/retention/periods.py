"""How many days each is kept: what an administrator chose, or the defaults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from sqlalchemy import Select, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Retention
from spotler_plugin.sql import insert_new


@dataclass(frozen=True, slots=True)
class Periods:
    """In days."""

    acts: int = 5 * 365
    """After the contact was last linked, or switched."""
    items: int = 400
    images: int = 90
    events: int = 7
    """Not less: so long the CRM may send one again (crm-developer.md §4)."""
    previews: int = 1
    drifts: int = 14


DEFAULTS = Periods()


def chosen_periods(environment_id: int) -> Periods:
    row = find_retention(environment_id)
    return periods_of(row) if row is not None else DEFAULTS


def periods_of(row: Retention) -> Periods:
    return Periods(**{name: getattr(row, f"{name}_days") for name in asdict(DEFAULTS)})


def choose_periods(environment_id: int, periods: Periods) -> None:
    """Keep the choice; it holds for what there is as well, from the coming night on."""
    make_rows([environment_id])
    row = db.session.scalars(_of(environment_id)).one()
    for name, days in asdict(periods).items():
        setattr(row, f"{name}_days", days)


def find_retention(environment_id: int) -> Retention | None:
    return db.session.scalar(_of(environment_id))


def make_rows(environment_ids: Sequence[int]) -> None:
    """Make the rows that are not there yet, with the defaults."""
    now = datetime.now(UTC)
    days = {f"{name}_days": number for name, number in asdict(DEFAULTS).items()}
    new = days | {"due_at": now, "attempts": 0, "acts_after": 0}
    insert_new(Retention, [new | {"environment_id": id_} for id_ in environment_ids])


def _of(environment_id: int) -> Select[Retention]:
    return (
        select(Retention)
        .where(Retention.environment_id == environment_id)
        .execution_options(populate_existing=True)
    )
