"""What the tests of runs do to the ledger, and read from it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Environment,
    Link,
    Outcome,
    Run,
    RunItem,
    RunKind,
    Whom,
)
from spotler_plugin.services.run.close import close_if_done
from spotler_plugin.services.run.create import create_run_for
from spotler_plugin.services.run.report import find_report
from tests.world.accounts import ALICE


def close(made: Run) -> None:
    db.session.execute(
        db.update(RunItem).where(RunItem.outcome == Outcome.OPEN).values(outcome=Outcome.UPDATED)
    )
    close_if_done(made)
    db.session.commit()


def counts(made: Run) -> dict[Outcome, int]:
    report = find_report(made.environment_id, made.id)
    assert report is not None
    assert sum(report.counts.values()) == report.selected
    return report.counts


def link(environment: Environment, number: int, *, linked: bool = True, first: str = "c") -> None:
    now = datetime.now(UTC)
    db.session.execute(
        db.insert(Link),
        [
            {
                "environment_id": environment.id,
                "contact_id": f"{first}-{each}",
                "linked_at": now if linked else None,
            }
            for each in range(number)
        ],
    )
    db.session.commit()


def ask(environment: Environment, kind: RunKind = RunKind.SYNC, token: UUID | None = None) -> Run:
    made = create_run_for(
        environment, Whom.LINKED, kind=kind, actor=ALICE, request_token=token or uuid4()
    )
    db.session.commit()
    return made
