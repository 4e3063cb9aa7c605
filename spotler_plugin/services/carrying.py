"""Carry out a chunk: read, plan, write, write down.

No transaction is open while another party is called: on SQLite a writer makes all others wait.
The lanes are held instead, and every step that writes down checks that they still are.
"""

from __future__ import annotations

from datetime import UTC, datetime

from structlog import get_logger

from spotler_plugin.crm import CrmClient
from spotler_plugin.extensions import db
from spotler_plugin.models import ADDING
from spotler_plugin.planning.plan import Change, ChangeKind, Observed, Terms, Wanted, plan
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services import lane, ledger, mirror, observing, property, wanting
from spotler_plugin.services.chunk import Chunk
from spotler_plugin.services.writing import write
from spotler_plugin.spotler import SpotlerClient, SpotlerError

log = get_logger()


def carry_out(chunk: Chunk, crm: CrmClient, spotler: SpotlerClient) -> None:
    """Do the whole chunk. Raises the clients' errors; what was not written down is done again."""
    wanted = wanting.read(chunk, crm)
    known = observing.read(chunk, wanted, spotler)
    rivals = observing.rivals(chunk, wanted, known)
    wanted = wanting.judge(chunk, wanted)
    chunk.changes = _planned(chunk, wanted, known, rivals)
    kept = lane.renew(chunk.environment_id, chunk.items, chunk.lease)
    writes = {id_: c for id_, c in chunk.changes.items() if c.writes and id_ in kept}
    # Before the call: if its answer is lost, what it overwrote is known all the same.
    ledger.keep_images(chunk, writes)
    db.session.commit()
    results = write(spotler, writes)
    ledger.write_down(chunk, results)
    db.session.commit()
    if chunk.is_single and writes:
        _read_back(chunk, spotler)


def _planned(
    chunk: Chunk,
    wanted: dict[str, Wanted],
    known: dict[str, Observed],
    rivals: dict[str, str],
) -> dict[str, Change]:
    types = property.types(chunk.environment_id)
    changes = dict.fromkeys(chunk.items, Change(ChangeKind.BLOCKED, Reason.GONE))
    for contact_id, person in wanted.items():
        terms = Terms(
            adds=chunk.run.kind in ADDING,
            take_over=chunk.items[contact_id].take_over,
            rival=rivals.get(contact_id),
        )
        changes[contact_id] = plan(person, known.get(contact_id), terms, types)
    return changes


def _read_back(chunk: Chunk, spotler: SpotlerClient) -> None:
    """After a write of one: learn the id that Spotler gave, and what it made of the values.

    The write itself is done and written down; failing here only leaves the mirror a little behind.
    """
    read_at = datetime.now(UTC)
    try:
        contacts = [spotler.contacts.get(contact_id) for contact_id in chunk.items]
    except SpotlerError as error:
        log.info("run.read_back_failed", run=str(chunk.run.id), error=type(error).__name__)
        return
    mirror.record(chunk.environment_id, [c for c in contacts if c is not None], read_at)
    db.session.commit()
