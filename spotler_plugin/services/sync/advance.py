"""Advance a run by one turn of a worker, which may yield early, halt the run, or close it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import update
from structlog import get_logger
from structlog.contextvars import bind_contextvars

from spotler_plugin.crm import TokenRefused
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Environment, Run, RunState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.account.client import (
    NotConnected,
    Unconfirmed,
    client_of,
)
from spotler_plugin.services.account.proof import note_refusal
from spotler_plugin.services.backup.request import First, first_standing
from spotler_plugin.services.enrolment.start import start_next
from spotler_plugin.services.run.close import cancel_open_items, close_if_done
from spotler_plugin.services.run.create import can_wait
from spotler_plugin.services.run.due import note_enqueued
from spotler_plugin.services.run.limit import BeyondAgreed
from spotler_plugin.services.run.lock import share_run, state_of
from spotler_plugin.services.sources.by_kind import source_of
from spotler_plugin.services.sync.pipeline import Pipeline
from spotler_plugin.spotler import CredentialsRefused, SpotlerClient

TURN_SECONDS = 5.0
"""After this another run gets its turn."""

MOST_SECONDS = 30.0
"""So long a large run takes one turn after the other while nobody waits for the worker: to begin a
job takes it a quarter of a second, and whoever ends the worker waits for the end of the job."""

LOOK_SECONDS = 0.25
"""How often a large run looks for urgent work, and any run for another key."""

log = get_logger()


GivesWay = Callable[[bool], bool]
"""Returns whether urgent work waits for the worker, or any work, when the turn is over."""


def advance_run(run_id: UUID, gives_way: GivesWay = lambda is_over: is_over) -> bool:
    """Take a turn; True when there is more to do now, False when the run waits or is over.

    A large run ends its turn early for urgent work, and takes another one while no work waits.
    While the account's first backup is being made nothing is written; where it could not be
    made, the run halts until a person decides.
    """
    with snapshot():
        run = db.session.get(Run, run_id, populate_existing=True)
        if run is None:
            return False
        owner = db.session.get_one(Environment, run.environment_id, populate_existing=True)
        if owner.disabled_at is not None:
            return False
        first = None if run.cancel_asked_at else first_standing(owner.id)
        if first is First.AWAITED:
            return False
        source = source_of(run, owner)
    bind_contextvars(environment=owner.id)
    # One call at a time; the end of this block waits for it.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="call") as thread:
        large = can_wait(run.selected, run.kind)
        pipeline = Pipeline(run, owner, source, thread, lambda: large and gives_way(False))
        turn = _Turn(run, owner, pipeline)
        return turn.halt(Reason.NO_BACKUP) if first else turn.take(gives_way)


class _Turn:
    """A worker's turn at a run."""

    def __init__(self, run: Run, owner: Environment, pipeline: Pipeline) -> None:
        self._run, self._owner, self._pipeline = run, owner, pipeline
        self._can_wait = can_wait(run.selected, run.kind)
        self._began = datetime.now(UTC)
        self._spotler: SpotlerClient | None = None
        self._looked_at = 0.0

    def take(self, gives_way: GivesWay) -> bool:
        started = began = time.monotonic()
        # Who came while the job began is seen after the first chunk.
        looked_at = 0.0
        pipeline = self._pipeline
        try:
            # A turn is one chunk at least, however short.
            more, claims = self._step(claims=True), True
            while more and (claims or pipeline.has_calls):
                now = time.monotonic()
                is_over = now - began >= TURN_SECONDS
                claims = claims and (self._can_wait or not is_over)
                if claims and self._can_wait and (is_over or now - looked_at > LOOK_SECONDS):
                    looked_at = now
                    claims = now - started < MOST_SECONDS and not gives_way(is_over)
                if claims and is_over:
                    began = now
                    self._begin_anew()
                more = self._step(claims=claims) if claims or pipeline.has_calls else more
            return more
        finally:
            # Happens when the run halted or we hit a bug: record what Spotler did all the same.
            if pipeline.has_calls:
                db.session.rollback()
                self._finish_calls()

    def _begin_anew(self) -> None:
        """Begin another turn in the same job; the mapping may be another one by now."""
        note_enqueued(self._run.id)
        db.session.commit()
        with snapshot():
            self._pipeline.source = source_of(self._run, self._owner)

    def _step(self, *, claims: bool) -> bool:
        """Process a chunk, or else start one automation; False when nothing can be done now."""
        try:
            if time.monotonic() - self._looked_at > LOOK_SECONDS and not self._look():
                return False
            if self._spotler is not None and self._pipeline.work(self._spotler, claims=claims):
                return True
            # Nothing was claimed: the run was stopped, or nothing is due.
            if not self._look():
                return False
            if self._spotler is None:
                return self._cancel()
            more = share_run(self._run) and start_next(self._run, self._spotler)
            db.session.commit()
            return more or self._close()
        except Unconfirmed:
            return self.halt(Reason.UNCONFIRMED)
        except NotConnected:
            return self.halt(Reason.NOT_CONNECTED)
        except CredentialsRefused:
            return self._refused()
        except TokenRefused:
            return self.halt(Reason.CRM_REFUSED)
        except BeyondAgreed:
            return self.halt(Reason.BEYOND_AGREED)

    def _look(self) -> bool:
        """Return whether the run is open, and get the client, if it is not to be cancelled."""
        with snapshot():
            state, is_cancelled = state_of(self._run)
            works = state is RunState.OPEN and not is_cancelled
            self._spotler = client_of(self._owner, person=not self._can_wait) if works else None
        self._looked_at = time.monotonic()
        return state is RunState.OPEN

    def _refused(self) -> bool:
        """Halt the run; or go on when the key was replaced meanwhile, with the new one."""
        since, self._began, self._looked_at = self._began, datetime.now(UTC), 0.0
        if note_refusal(self._owner.id, since):
            return self.halt(Reason.CREDENTIALS_REFUSED)
        db.session.commit()
        return True

    def _finish_calls(self) -> None:
        try:
            self._pipeline.finish_calls()
        except CredentialsRefused:
            note_refusal(self._owner.id, self._began)
            db.session.commit()

    def _cancel(self) -> bool:
        self._pipeline.finish_calls()
        cancel_open_items(self._run)
        return self._close()

    def _close(self) -> bool:
        close_if_done(self._run)
        db.session.commit()
        return False

    def halt(self, reason: Reason) -> bool:
        """Halt the run until a person repairs the cause; True when it was cancelled meanwhile."""
        halted = db.session.execute(
            update(Run)
            .where(
                Run.environment_id == self._owner.id,
                Run.id == self._run.id,
                Run.state == RunState.OPEN,
                Run.cancel_asked_at.is_(None),
            )
            .values(state=RunState.HALTED, halted_because=reason)
            .returning(Run.id),
            execution_options={"synchronize_session": False},
        ).all()
        db.session.commit()
        if halted:
            log.warning("run.halted", run=str(self._run.id), reason=reason)
        return not halted
