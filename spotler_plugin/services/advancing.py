"""Advance a run: slice by slice, chunk by chunk, until nothing of it is open."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from uuid import UUID

from sqlalchemy import update
from structlog import get_logger
from structlog.contextvars import bind_contextvars

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import ADDING, Environment, Run, RunState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services import (
    calling,
    carrying,
    claiming,
    closing,
    connection,
    environment,
    ledger,
    starting,
)
from spotler_plugin.services.calling import Call
from spotler_plugin.services.chunk import Chunk
from spotler_plugin.services.connection import NotConnected
from spotler_plugin.services.rules import rules_of
from spotler_plugin.services.run import SMALL
from spotler_plugin.spotler import CredentialsRefused, SpotlerClient, SpotlerError

SLICE_SECONDS = 5.0
"""After this a run gives its turn to the next one."""

LOOK_UP_SECONDS = 0.25
"""How often a run of many looks whether somebody waits."""

log = get_logger()


def advance(run_id: UUID, gives_way: Callable[[], bool] = lambda: False) -> bool:
    """Do a slice; True when there is more to do at once, False when it waits or is over.

    `gives_way` is asked now and then whether somebody waits for a worker; a run of many then ends
    its slice early.
    """
    with snapshot():
        run = db.session.get(Run, run_id, populate_existing=True)
        if run is None:
            return False
        owner = db.session.get_one(Environment, run.environment_id)
    bind_contextvars(environment=owner.id)
    # One call at a time; leaving waits for its end.
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="call") as thread:
        return _Slice(run, owner, thread).advance(gives_way)


class _Slice:
    """A worker's turn at a run: while the call for one chunk is under way, it prepares the next."""

    def __init__(self, run: Run, owner: Environment, thread: Executor) -> None:
        self._run, self._owner, self._thread = run, owner, thread
        self._calls: list[Call] = []
        """Whose results are not written down yet; only the last may be under way."""
        with snapshot():
            self._rules = rules_of(owner.id)
            self._crm = environment.crm_of(owner)

    def advance(self, gives_way: Callable[[], bool]) -> bool:
        started = looked_at = time.monotonic()
        try:
            # A turn is one chunk at least, however short.
            more, claims = self._step(claims=True), True
            while more and (claims or self._calls):
                now = time.monotonic()
                claims = claims and now - started < SLICE_SECONDS
                if claims and self._is_large and now - looked_at > LOOK_UP_SECONDS:
                    looked_at = now
                    claims = not gives_way()
                more = self._step(claims=claims) if claims or self._calls else more
            return more
        finally:
            # It halted, or we made a mistake: what Spotler did is written down all the same.
            if self._calls:
                db.session.rollback()
                self._land_at_last()

    def _step(self, *, claims: bool) -> bool:
        """A chunk of contacts, or else one automation; False when nothing can be done now."""
        try:
            with snapshot():
                db.session.refresh(self._run)
                if self._run.state is not RunState.OPEN:
                    return False
                is_cancelled = self._run.cancel_asked_at is not None
                spotler = None if is_cancelled else self._client()
            if spotler is not None:
                return self._work(spotler, claims=claims)
            self._land()
            closing.cancel_open(self._run)
            return self._close()
        except NotConnected:
            return self._halt(Reason.NOT_CONNECTED)
        except CredentialsRefused:
            connection.refused(self._owner.id)
            return self._halt(Reason.CREDENTIALS_REFUSED)
        except TokenRefused:
            return self._halt(Reason.CRM_REFUSED)

    @property
    def _is_large(self) -> bool:
        return self._run.selected > SMALL

    def _client(self) -> SpotlerClient:
        return connection.client_of(self._owner, person=not self._is_large)

    def _work(self, spotler: SpotlerClient, *, claims: bool) -> bool:
        if not claims:
            self._land()
            return True
        if self._run.kind in ADDING:
            # Permissions are switched by what Spotler says right before: nothing is done ahead.
            self._land()
        # In one transaction with the claim: two waits for the database's one writer become one.
        over = [call for call in self._calls if call.is_over]
        for call in over:
            self._write_down(call)
        chunk = claiming.claim(self._run, self._owner)
        if chunk is not None:
            self._forget(over)
            if chunk.items and self._prepare(chunk, spotler):
                self._send(chunk, spotler)
            return True
        # Nothing is held while we wait for the call.
        db.session.commit()
        self._forget(over)
        if self._calls:
            # Its end may let an automation start, or end the run.
            self._land()
            return True
        more = starting.start_next(self._run, spotler)
        db.session.commit()
        return more or self._close()

    def _prepare(self, chunk: Chunk, spotler: SpotlerClient) -> bool:
        """False when the CRM or Spotler could not be read: the chunk comes back later."""
        try:
            carrying.prepare(chunk, self._rules, self._crm, spotler)
        except (CredentialsRefused, TokenRefused):
            self._release(chunk)
            raise
        except (SpotlerError, CrmError) as error:
            db.session.rollback()
            of_crm = isinstance(error, CrmError)
            log.info(
                "run.postponed",
                run=str(self._run.id),
                contacts=len(chunk.items),
                error=type(error).__name__,
                status=error.status,
            )
            reason = Reason.CRM_AWAY if of_crm else Reason.SPOTLER_AWAY
            ledger.postpone_all(chunk, reason, error.retry_after)
            db.session.commit()
            return False
        return True

    def _send(self, chunk: Chunk, spotler: SpotlerClient) -> None:
        """Begin the chunk's call, when the one before is over."""
        if not chunk.writes:
            ledger.write_down(chunk, {})
            db.session.commit()
            return
        if self._calls and self._calls[-1].fails():
            self._release(chunk)
            self._land()
        if not carrying.is_stale(chunk) or self._prepare(chunk, spotler):
            self._calls.append(calling.begin(self._thread, chunk, spotler))

    def _land(self) -> None:
        """Wait for the call that is under way, and write down what came of all."""
        while self._calls:
            call = self._calls[0]
            self._write_down(call)
            db.session.commit()
            self._forget([call])
            carrying.read_back(call.chunk, call.spotler)

    def _land_at_last(self) -> None:
        try:
            self._land()
        except CredentialsRefused:
            connection.refused(self._owner.id)
            db.session.commit()

    def _write_down(self, call: Call) -> None:
        try:
            # Before anything is open: it may have to be waited for.
            results = call.results()
        except CredentialsRefused:
            self._forget([call])
            self._release(call.chunk)
            raise
        ledger.write_down(call.chunk, results)

    def _forget(self, calls: Sequence[Call]) -> None:
        """They are written down."""
        self._calls = [call for call in self._calls if call not in calls]

    def _release(self, chunk: Chunk) -> None:
        db.session.rollback()
        ledger.give_back(chunk)
        db.session.commit()

    def _close(self) -> bool:
        closing.close_if_done(self._run)
        db.session.commit()
        return False

    def _halt(self, reason: Reason) -> bool:
        """Stop until a person has repaired the cause; True when it was cancelled meanwhile."""
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
