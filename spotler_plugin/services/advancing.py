"""Advance a run: slice by slice, chunk by chunk, until nothing of it is open."""

from __future__ import annotations

import time
from uuid import UUID

from structlog import get_logger
from structlog.contextvars import bind_contextvars

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Run, RunState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services import (
    claiming,
    closing,
    connection,
    environment,
    lane,
    ledger,
    starting,
)
from spotler_plugin.services.carrying import carry_out
from spotler_plugin.services.chunk import Chunk
from spotler_plugin.services.connection import NotConnected
from spotler_plugin.services.run import SMALL
from spotler_plugin.spotler import CredentialsRefused, SpotlerClient, SpotlerError

SLICE_SECONDS = 5.0
"""After this a run gives its turn to the next one."""

log = get_logger()


def advance(run_id: UUID) -> bool:
    """Do a slice; True when there is more to do at once, False when it waits or is over."""
    end = time.monotonic() + SLICE_SECONDS
    more = True
    while more:
        run = db.session.get(Run, run_id, populate_existing=True)
        if run is None or run.state is not RunState.OPEN:
            return False
        owner = db.session.get_one(Environment, run.environment_id)
        bind_contextvars(environment=owner.id)
        if run.cancel_asked_at is not None:
            closing.cancel_open(run)
        # Whoever still carries out a chunk of a cancelled run comes back here.
        if run.cancel_asked_at is not None or not _step(run, owner):
            closing.close_if_done(run)
            db.session.commit()
            return False
        more = time.monotonic() < end
    return True


def _step(run: Run, owner: Environment) -> bool:
    """A chunk of contacts, or else one automation; False when nothing can be done now."""
    chunk = None
    try:
        spotler = connection.client_of(owner, person=run.selected <= SMALL)
        chunk = claiming.claim(run, owner)
        if chunk is not None:
            _carry_out(chunk, spotler)
            more = True
        else:
            more = starting.start_next(run, spotler)
    except NotConnected:
        more = _halt(run, Reason.NOT_CONNECTED)
    except CredentialsRefused:
        db.session.rollback()
        connection.refused(owner.id)
        more = _halt(run, Reason.CREDENTIALS_REFUSED, chunk)
    except TokenRefused:
        db.session.rollback()
        more = _halt(run, Reason.CRM_REFUSED, chunk)
    db.session.commit()
    return more


def _carry_out(chunk: Chunk, spotler: SpotlerClient) -> None:
    if not chunk.items:
        return
    try:
        carry_out(chunk, environment.crm_of(chunk.environment), spotler)
    except (CredentialsRefused, TokenRefused):
        raise
    except (SpotlerError, CrmError) as error:
        db.session.rollback()
        of_crm = isinstance(error, CrmError)
        log.info(
            "run.postponed",
            environment=chunk.environment_id,
            run=str(chunk.run.id),
            contacts=len(chunk.items),
            error=type(error).__name__,
            status=error.status,
        )
        reason = Reason.CRM_AWAY if of_crm else Reason.SPOTLER_AWAY
        ledger.postpone_all(chunk, reason, error.retry_after)


def _halt(run: Run, reason: Reason, chunk: Chunk | None = None) -> bool:
    """Stop until a person has repaired the cause; what was claimed goes back."""
    if chunk is not None:
        lane.release(run.environment_id, chunk.items, chunk.lease)
    run.state, run.halted_because = RunState.HALTED, reason
    log.warning("run.halted", environment=run.environment_id, run=str(run.id), reason=reason)
    return False
