"""Take a turn at a comparison: read Spotler, compare the linked contacts, look at the others.

Each step is stored with how far it came, in one transaction: a worker that takes over from a dead
one goes on after the last.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import delete
from structlog import get_logger

from spotler_plugin.crm import CrmError
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    OF_LINKED,
    Drift,
    DriftItem,
    DriftKind,
    DriftStage,
    DriftState,
    Environment,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.account.client import NotConnected, client_of
from spotler_plugin.services.account.proof import note_refusal
from spotler_plugin.services.desired import ThroughMapping
from spotler_plugin.services.drift.comparing import compare_some
from spotler_plugin.services.drift.others import look_at_others
from spotler_plugin.services.drift.reading import read_pages
from spotler_plugin.services.drift.turn import (
    Turn,
    claim_drift,
    end_drift,
    held_drift,
    postpone_drift,
    release_drift,
)
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.mapping.rules import rules_of
from spotler_plugin.spotler import CredentialsRefused, SpotlerError

TURN_SECONDS = 10.0
"""Seconds of one job, so that other work gets its turn."""

STEPS: Mapping[DriftStage, Callable[[Turn], bool]] = {
    DriftStage.READING: read_pages,
    DriftStage.COMPARING: compare_some,
    DriftStage.OTHERS: look_at_others,
}
"""Each takes a step of its stage; False when nothing more is to be done in this turn."""

log = get_logger()


def advance_drift(environment_id: int, drift_id: UUID) -> bool:
    """Take a turn; True when there is more to do now, False when it waits or is over."""
    row = claim_drift(environment_id, drift_id)
    if row is None or row.lease is None:
        return False
    lease, began = row.lease, datetime.now(UTC)
    owner = db.session.get_one(Environment, environment_id, populate_existing=True)
    try:
        turn = Turn(
            owner=owner,
            drift_id=drift_id,
            lease=lease,
            began=row.created_at,
            end=time.monotonic() + TURN_SECONDS,
            spotler=client_of(owner),
            source=ThroughMapping(rules_of(owner.id), crm_of(owner)),
        )
        _follow_mapping(turn)
        while row := turn.held():
            if not STEPS[row.stage](turn):
                return False
            if turn.is_over:
                break
    except NotConnected:
        _fail(environment_id, drift_id, lease, Reason.NOT_CONNECTED)
        return False
    except (CrmError, SpotlerError) as error:
        db.session.rollback()
        if isinstance(error, CredentialsRefused):
            note_refusal(environment_id, began)
            db.session.commit()
        if held := held_drift(environment_id, drift_id, lease):
            postpone_drift(held, error)
        return False
    except Exception:
        # Whatever it was, such as a locked database: the next worker need not wait for this one.
        db.session.rollback()
        if held := held_drift(environment_id, drift_id, lease):
            release_drift(held)
        db.session.commit()
        raise
    if row := held_drift(environment_id, drift_id, lease):
        release_drift(row)
    db.session.commit()
    return row is not None


def _follow_mapping(turn: Turn) -> None:
    """Compare anew with the mapping that holds now, if another one was saved meanwhile."""
    row = turn.held()
    if row is None or row.mapping_version == turn.owner.mapping_version:
        db.session.commit()
        return
    row.mapping_version = turn.owner.mapping_version
    if row.stage is not DriftStage.READING:
        forget_linked(row)
    db.session.commit()


def forget_linked(row: Drift) -> None:
    """Forget what was found of the linked contacts, and begin with them again."""
    db.session.execute(
        delete(DriftItem).where(
            DriftItem.environment_id == row.environment_id,
            DriftItem.drift_id == row.id,
            DriftItem.kind.in_(OF_LINKED),
        )
    )
    row.counts = {kind: n for kind, n in row.counts.items() if DriftKind(kind) not in OF_LINKED}
    row.by_property = {}
    row.compared = row.equal = row.position = row.others = 0
    row.stage = DriftStage.COMPARING


def _fail(environment_id: int, drift_id: UUID, lease: UUID, reason: Reason) -> None:
    row = held_drift(environment_id, drift_id, lease)
    if row is not None:
        log.info("drift.failed", environment=environment_id, drift=str(drift_id), reason=reason)
        end_drift(row, DriftState.FAILED, reason)
    db.session.commit()
