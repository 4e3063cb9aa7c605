"""An overview of one environment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    UNDER_WAY,
    WENT_WRONG,
    Connection,
    Link,
    MappingRow,
    Property,
    Run,
    RunState,
)
from spotler_plugin.services.account.client import find_connection


@dataclass(frozen=True, slots=True)
class Overview:
    connection: Connection | None
    linked: int
    """Number of linked contacts."""
    synced_at: datetime | None
    """When a contact was last written."""
    open_runs: int
    """Runs that are open or halted."""
    halted_runs: int
    failures: int
    """Contacts whose last attempt failed, without those that a rule blocked."""
    mapped: int
    """Number of rows of the mapping."""
    vanished: int
    """Those of them whose property Spotler no longer offers."""


def overview(environment_id: int) -> Overview:
    """Read the overview; its counts take one query."""
    link = select(func.count()).select_from(Link).where(Link.environment_id == environment_id)
    run = select(func.count()).select_from(Run).where(Run.environment_id == environment_id)
    linked, synced_at, open_runs, halted, failures, mapped, gone = db.session.execute(
        select(
            link.where(Link.linked_at.is_not(None)).scalar_subquery(),
            select(func.max(Link.synced_at))
            .where(Link.environment_id == environment_id)
            .scalar_subquery(),
            run.where(Run.state.in_(UNDER_WAY)).scalar_subquery(),
            run.where(Run.state == RunState.HALTED).scalar_subquery(),
            link.where(Link.problem_outcome.in_(WENT_WRONG)).scalar_subquery(),
            select(func.count())
            .select_from(MappingRow)
            .where(MappingRow.environment_id == environment_id)
            .scalar_subquery(),
            select(func.count())
            .select_from(MappingRow)
            .join(
                Property,
                (Property.environment_id == MappingRow.environment_id)
                & (Property.name == MappingRow.property),
            )
            .where(MappingRow.environment_id == environment_id, Property.gone_at.is_not(None))
            .scalar_subquery(),
        )
    ).one()
    return Overview(
        connection=find_connection(environment_id),
        linked=linked,
        synced_at=synced_at,
        open_runs=open_runs,
        halted_runs=halted,
        failures=failures,
        mapped=mapped,
        vanished=gone,
    )
