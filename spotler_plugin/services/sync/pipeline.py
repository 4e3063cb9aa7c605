"""Process a run chunk by chunk: while the call for one is under way, the next is prepared."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

from structlog import get_logger

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Run
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.desired import Source
from spotler_plugin.services.run.limit import BeyondAgreed
from spotler_plugin.services.sync.call import Call, begin_call
from spotler_plugin.services.sync.chunk import Chunk
from spotler_plugin.services.sync.claim import claim_chunk
from spotler_plugin.services.sync.ledger import postpone_all, record_results
from spotler_plugin.services.sync.patch import Overtaken
from spotler_plugin.services.sync.prepare import prepare_chunk, read_back
from spotler_plugin.services.sync.rows import unclaim
from spotler_plugin.services.sync.send import Ends
from spotler_plugin.spotler import CredentialsRefused, SpotlerClient, SpotlerError

log = get_logger()


class Pipeline:
    """The chunks that one worker is processing. Raises CredentialsRefused, TokenRefused
    and BeyondAgreed."""

    def __init__(
        self, run: Run, owner: Environment, source: Source, thread: Executor, is_urgent: Ends
    ) -> None:
        """`is_urgent` returns whether somebody waits for the worker."""
        self._run, self._owner, self._thread, self._is_urgent = run, owner, thread, is_urgent
        self.source = source
        self._calls: list[Call] = []
        """Calls whose results are not recorded yet; only the last may be under way."""

    @property
    def has_calls(self) -> bool:
        return bool(self._calls)

    def work(self, spotler: SpotlerClient, *, claims: bool) -> bool:
        """Process a chunk (`claims`), or end the calls under way; False when there is neither."""
        if not claims:
            self.finish_calls()
            return True
        if self._run.has_acts:
            # Permissions need Spotler's newest state: nothing is prepared ahead.
            self.finish_calls()
        # One transaction with the claim: SQLite has one writer, and this waits for it once.
        over = [call for call in self._calls if call.is_over]
        for call in over:
            self._record(call)
        chunk = claim_chunk(self._run, self._owner)
        if chunk is not None:
            self._forget(over)
            if chunk.items and self._prepare(chunk, spotler):
                self._send(chunk, spotler)
            return True
        # No transaction is open while we wait for the call.
        db.session.commit()
        self._forget(over)
        under_way = self.has_calls
        # Its results may let an automation start, or the run be closed.
        self.finish_calls()
        return under_way

    def finish_calls(self) -> None:
        """Wait for the call under way, and record the results of all calls."""
        while self._calls:
            call = self._calls[0]
            self._record(call)
            db.session.commit()
            self._forget([call])
            read_back(call.chunk, call.spotler)

    def _prepare(self, chunk: Chunk, spotler: SpotlerClient) -> bool:
        """Prepare a chunk; False when the CRM or Spotler could not be read: it is retried."""
        try:
            prepare_chunk(chunk, self.source, spotler, self._is_urgent)
        except (CredentialsRefused, TokenRefused, BeyondAgreed):
            self._release(chunk)
            raise
        except Overtaken:
            self._release(chunk)
            return False
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
            postpone_all(chunk, reason, error.retry_after)
            db.session.commit()
            return False
        return True

    def _send(self, chunk: Chunk, spotler: SpotlerClient) -> None:
        """Begin the chunk's call, when the one before is over."""
        if not chunk.writes:
            record_results(chunk, {})
            db.session.commit()
            return
        if self._calls and self._calls[-1].fails():
            self._release(chunk)
            self.finish_calls()
        if not chunk.is_stale or self._prepare(chunk, spotler):
            self._calls.append(begin_call(self._thread, chunk, spotler, self._is_urgent))

    def _record(self, call: Call) -> None:
        try:
            # Before a transaction is open: this may wait for the call.
            sent = call.sent()
        except CredentialsRefused:
            self._forget([call])
            self._release(call.chunk)
            raise
        record_results(call.chunk, sent.results)
        if sent.is_refused:
            db.session.commit()
            # With those before it, which were recorded in the same transaction.
            self._forget(self._calls[: self._calls.index(call) + 1])
            raise CredentialsRefused("refused after a part of the chunk was sent")

    def _forget(self, calls: Sequence[Call]) -> None:
        """Drop calls whose results are recorded."""
        self._calls = [call for call in self._calls if call not in calls]

    def _release(self, chunk: Chunk) -> None:
        db.session.rollback()
        unclaim(chunk)
        db.session.commit()
