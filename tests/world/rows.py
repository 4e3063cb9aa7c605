"""Permissions, runs and acts as rows, for what is read from them without a Spotler or a CRM."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    Environment,
    Outcome,
    Permission,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)


@dataclass(frozen=True)
class Rows:
    """Those of one environment; moments are in minutes from `began`."""

    environment: Environment
    began: datetime

    @classmethod
    def of(cls, environment: Environment) -> Rows:
        return cls(environment, datetime.now(UTC) - timedelta(hours=12))

    def at(self, minutes: float) -> datetime:
        return self.began + timedelta(minutes=minutes)

    def permissions(self, *bits: int) -> None:
        """The account's, in this order."""
        for position, bit in enumerate(bits):
            row = Permission(environment_id=self.environment.id, bit=bit)
            row.position, row.description = position, f"Permissie {bit}"
            db.session.add(row)
        db.session.flush()

    def run(self, number: int, **values: Any) -> Run:
        """The number is its place in the order of ids, which says nothing of what came first."""
        id_ = UUID(int=number)
        row = Run(id=id_, request_token=id_, environment_id=self.environment.id)
        values = {"kind": RunKind.BULK, "source": Source.BULK, "created_at": self.began} | values
        for name, value in values.items():
            setattr(row, name, value)
        db.session.add(row)
        db.session.flush()
        return row

    def item(self, run: Run, contact_id: str, **values: Any) -> RunItem:
        row = RunItem(environment_id=self.environment.id, run_id=run.id, contact_id=contact_id)
        values = {"outcome": Outcome.OPEN, "due_at": self.began} | values
        for name, value in values.items():
            setattr(row, name, value)
        db.session.add(row)
        db.session.flush()
        return row

    def act(
        self,
        contact_id: str,
        bit: int,
        enabled: bool = True,
        minutes: float = 0,
        run: Run | None = None,
        *,
        applied: bool = True,
        **values: Any,
    ) -> Act:
        """One of a run is from where that is, any other was seen in Spotler."""
        row = Act(environment_id=self.environment.id, contact_id=contact_id, bit=bit)
        row.enabled, row.at, row.run_id = enabled, self.at(minutes), run.id if run else None
        row.applied_at = row.at if applied else None
        row.source = run.source if run else Source.SPOTLER
        for name, value in values.items():
            setattr(row, name, value)
        db.session.add(row)
        db.session.flush()
        return row


OVER = {"state": RunState.FINISHED}
