"""Compute what a run would do, chunk by chunk: read the desired state, foresee, add up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from spotler_plugin.crm import CrmError
from spotler_plugin.extensions import db
from spotler_plugin.models import ADDING, Environment, Preview, SelectionState
from spotler_plugin.planning.adjustment import NO_ADJUSTMENT
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.catalogue.fingerprint import fingerprint_of
from spotler_plugin.services.desired import Source
from spotler_plugin.services.lease import keep
from spotler_plugin.services.preview.add_up import add_up
from spotler_plugin.services.preview.claims import find_claims, keep_claims
from spotler_plugin.services.preview.foresee import Asked, foresee_changes
from spotler_plugin.services.preview.fresh import read_spotler
from spotler_plugin.services.preview.turn import (
    LEASE,
    claim_preview,
    fail_preview,
    finish_preview,
    held_preview,
    postpone_preview,
    release_preview,
)
from spotler_plugin.services.preview.what import source_of_preview
from spotler_plugin.services.run.whom import group_of, next_contacts
from spotler_plugin.services.selection import find_selection, read_selection
from spotler_plugin.services.sync.claim import CHUNK

TURN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Turn:
    """What all chunks of a turn share."""

    owner: Environment
    preview_id: UUID
    lease: UUID

    def held(self) -> Preview | None:
        """Return the row, unless it was stopped or another worker took over."""
        return held_preview(self.owner.id, self.preview_id, self.lease)

    def renew(self) -> bool:
        """Keep the lease while something takes long; False when it was stopped. Commits."""
        row = self.held()
        if row is not None:
            keep(row, LEASE)
        db.session.commit()
        return row is not None


def advance_preview(environment_id: int, preview_id: UUID) -> bool:
    """Take a turn; True when there is more to do now, False when it waits or is over."""
    row = claim_preview(environment_id, preview_id)
    if row is None or row.lease is None:
        return False
    owner = db.session.get_one(Environment, environment_id)
    turn = _Turn(owner, preview_id, row.lease)
    try:
        return _take(turn, row)
    except CrmError as error:
        db.session.rollback()
        if row := turn.held():
            postpone_preview(row, error)
        return False
    except Exception:
        # Whatever it was, such as a locked database: a person waits, and the next worker need not.
        db.session.rollback()
        if row := turn.held():
            release_preview(row)
        raise


def _take(turn: _Turn, row: Preview) -> bool:
    """Plan chunks until there are no more, or the time is up; True when there is more to do."""
    if row.position == 0 and not _freshened(turn, row):
        return False
    source = source_of_preview(row, turn.owner)
    end = time.monotonic() + TURN_SECONDS
    if not _knows_whom(turn, row):
        return False
    while time.monotonic() < end:
        if not _step(turn, source):
            return False
    if held := turn.held():
        release_preview(held)
    return held is not None


def _freshened(turn: _Turn, row: Preview) -> bool:
    """Read in Spotler what it goes by; False when it was stopped meanwhile. Commits."""
    goes_back = row.undo is not None or row.restore is not None
    db.session.commit()
    read_spotler(turn.owner, goes_back=goes_back)
    held = turn.held()
    if held is not None and goes_back:
        held.catalogue = fingerprint_of(turn.owner.id)
    db.session.commit()
    return held is not None


def _step(turn: _Turn, source: Source) -> bool:
    """Plan a chunk; False when there is none left, or the preview was stopped."""
    row = turn.held()
    if row is None:
        return False
    # As large as the run's, so that what goes in one call there is counted as one here.
    contacts = next_contacts(group_of(row), after=row.position, limit=CHUNK)
    if not contacts:
        finish_preview(row)
        return False
    db.session.commit()
    desired = source.read(contacts.values())
    row = turn.held()
    if row is None:
        return False
    adjustment = row.adjustment or NO_ADJUSTMENT
    foreseen = foresee_changes(
        turn.owner,
        list(contacts.values()),
        desired,
        source.types,
        Asked(adds=row.kind in ADDING, permissions=adjustment.permissions),
        partial(find_claims, turn.owner.id, turn.preview_id),
    )
    keep_claims(turn.owner.id, turn.preview_id, foreseen.claims)
    add_up(row, foreseen, desired)
    row.position = max(contacts)
    row.attempts, row.reason = 0, None
    keep(row, LEASE)
    db.session.commit()
    return True


def _knows_whom(turn: _Turn, row: Preview) -> bool:
    """Read the selection where that was not done; False when it is no use, or not ours to read."""
    if row.selection_id is None:
        return True
    selection_id = row.selection_id
    selection = find_selection(turn.owner.id, selection_id)
    if selection is not None and selection.state is SelectionState.OPEN:
        db.session.commit()
        if not read_selection(turn.owner, selection_id, turn.renew):
            # Another one of this selection does; this one is taken up again by the clock.
            if held := turn.held():
                held.attempts = 0
                release_preview(held)
            return False
        selection = find_selection(turn.owner.id, selection_id)
    held = turn.held()
    if held is None:
        return False
    held.total = selection.found if selection is not None else 0
    if selection is None or selection.state is not SelectionState.READY:
        uneven = selection is not None and selection.state is SelectionState.UNEVEN
        fail_preview(held, Reason.SELECTION_UNEVEN if uneven else Reason.SELECTION_GONE)
        release_preview(held)
        return False
    db.session.commit()
    return True
