"""A run of ten contacts, of which nearly everything happened."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Environment,
    Outcome,
    Run,
    RunItem,
)
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import Reason
from tests.services.run.ledger import ask, link


@pytest.fixture
def made(environment: Environment) -> Run:
    """Ten contacts: four fine, three refused for two causes, one failed, one blocked, one open."""
    link(environment, 10)
    made = ask(environment)
    values: list[tuple[Outcome, Reason | None, str]] = [
        (Outcome.UPDATED, None, ""),
        (Outcome.UPDATED, None, ""),
        (Outcome.UNCHANGED, None, ""),
        (Outcome.UNCHANGED, None, ""),
        (Outcome.REJECTED, Reason.VALUE_REFUSED, "no city"),
        (Outcome.REJECTED, Reason.VALUE_REFUSED, "no city"),
        (Outcome.REJECTED, Reason.VALUE_REFUSED, "no postcode"),
        (Outcome.FAILED, Reason.SPOTLER_AWAY, ""),
        (Outcome.BLOCKED, Reason.NO_ADDRESS, ""),
    ]
    rows = db.session.query(RunItem).order_by(RunItem.id).all()
    for item, (outcome, reason, message) in zip(rows, values, strict=False):
        item.outcome, item.reason, item.attempts = outcome, reason, 3
        item.detail = Detail(message=message)
        item.settled_at = datetime.now(UTC)
    db.session.commit()
    return made
