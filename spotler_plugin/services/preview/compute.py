"""Compute what a run would do, chunk by chunk: read the desired state, plan, add up."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import UUID

from spotler_plugin.crm import CrmError
from spotler_plugin.extensions import db
from spotler_plugin.models import ADDING, Environment, Preview
from spotler_plugin.planning.plan import Change
from spotler_plugin.planning.tally import differences
from spotler_plugin.services.preview.foresee import Asked, foresee_changes
from spotler_plugin.services.preview.request import tally_of
from spotler_plugin.services.preview.turn import (
    LEASE,
    claim_preview,
    finish_preview,
    held_preview,
    postpone_preview,
    release_preview,
)
from spotler_plugin.services.preview.what import source_of_preview
from spotler_plugin.services.run.whom import next_contacts
from spotler_plugin.services.sync.claim import CHUNK
from spotler_plugin.services.sync.desired import Source

TURN_SECONDS = 5.0
SAMPLES = 20


@dataclass(frozen=True, slots=True)
class _Turn:
    """What all chunks of a turn share."""

    owner: Environment
    preview_id: UUID
    lease: UUID
    source: Source

    def held(self) -> Preview | None:
        """Return the row, unless it was stopped or another worker took over."""
        return held_preview(self.owner.id, self.preview_id, self.lease)


def advance_preview(environment_id: int, preview_id: UUID) -> bool:
    """Take a turn; True when there is more to do now, False when it waits or is over."""
    row = claim_preview(environment_id, preview_id)
    if row is None or row.lease is None:
        return False
    owner = db.session.get_one(Environment, environment_id)
    turn = _Turn(owner, preview_id, row.lease, source_of_preview(row, owner))
    end = time.monotonic() + TURN_SECONDS
    try:
        while time.monotonic() < end:
            if not _step(turn):
                return False
    except CrmError as error:
        db.session.rollback()
        if row := turn.held():
            postpone_preview(row, error)
        return False
    if row := turn.held():
        release_preview(row)
    return row is not None


def _step(turn: _Turn) -> bool:
    """Plan a chunk; False when there is none left, or the preview was stopped."""
    row = turn.held()
    if row is None:
        return False
    # As large as the run's, so that what goes in one call there is counted as one here.
    contacts = next_contacts(turn.owner.id, row.whom, row.position, CHUNK)
    if not contacts:
        finish_preview(row)
        return False
    db.session.commit()
    desired = turn.source.read(contacts.values())
    row = turn.held()
    if row is None:
        return False
    foreseen = foresee_changes(
        turn.owner,
        list(contacts.values()),
        desired,
        turn.source.types,
        Asked(adds=row.kind in ADDING, permissions={}),
        row.claims,
    )
    if foreseen.claims != row.claims:
        row.claims = dict(foreseen.claims)
    _add_up(row, foreseen.changes, desired.names)
    row.position = max(contacts)
    row.attempts, row.reason = 0, None
    row.leased_until = datetime.now(UTC) + LEASE
    db.session.commit()
    return True


def _add_up(row: Preview, changes: Mapping[str, Change], names: Mapping[str, str]) -> None:
    tally = tally_of(row)
    tally.take(changes.values())
    row.tally = asdict(tally)
    room = SAMPLES - len(row.samples)
    shown = [(id_, change) for id_, change in changes.items() if change.writes][:room]
    if shown:
        row.samples = row.samples + [
            {"name": names[id_], "changes": differences(change)} for id_, change in shown
        ]
