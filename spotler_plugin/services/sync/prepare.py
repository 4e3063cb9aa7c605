"""Prepare a chunk: read, plan, and store what is about to be overwritten.

No transaction is open while the CRM or Spotler is called: SQLite has one writer, and all others
would wait. The contacts are leased instead, and every step that stores something checks it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from structlog import get_logger

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import ADDING
from spotler_plugin.planning.block import Terms
from spotler_plugin.planning.detail import Detail, told_by
from spotler_plugin.planning.plan import Change, ChangeKind, plan_all
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.state import Observed, Wanted
from spotler_plugin.planning.undo.earlier import settle_all
from spotler_plugin.services.consent.acts import judge_acts, signed_off_with
from spotler_plugin.services.consent.address import fill_digests
from spotler_plugin.services.consent.back import record_acts_off
from spotler_plugin.services.consent.erased import erased_among
from spotler_plugin.services.consent.holders import note_moves
from spotler_plugin.services.consent.owner import settled_among
from spotler_plugin.services.desired import Source
from spotler_plugin.services.link.address import (
    addresses_of,
    find_reserved,
    leavers_of,
    linked_among,
    moving,
    reserve_addresses,
)
from spotler_plugin.services.link.former import find_unwritten, strangers_among
from spotler_plugin.services.mirror.read import opted_out_among
from spotler_plugin.services.mirror.record import record_contacts
from spotler_plugin.services.sync.chunk import Chunk
from spotler_plugin.services.sync.claim import renew_in_time
from spotler_plugin.services.sync.observed import read_holders, read_observed
from spotler_plugin.services.sync.patch import patch_contacts
from spotler_plugin.services.sync.rows import keep_images
from spotler_plugin.services.sync.send import Ends
from spotler_plugin.spotler import SpotlerClient, SpotlerError

log = get_logger()


def prepare_chunk(
    chunk: Chunk, source: Source, spotler: SpotlerClient, is_urgent: Ends = lambda: False
) -> None:
    """Read and plan the chunk, up to its call; again to replace its plan.

    `is_urgent` returns whether somebody waits for the worker: then contacts may leave the chunk.
    Raises the clients' errors, Overtaken and BeyondAgreed.
    """
    renew_in_time(chunk)
    declined = patch_contacts(chunk)
    desired = source.read(chunk.items)
    wanted, chunk.versions = desired.wanted, desired.versions
    chunk.unread = dict.fromkeys(desired.postponed, Reason.CRM_AWAY)
    chunk.primaries = desired.primaries
    known = read_observed(chunk, wanted, spotler, is_urgent)
    wanted = {id_: each for id_, each in wanted.items() if id_ in chunk.items.keys() - chunk.unread}
    wanted = settle_all(wanted, known, source.types)
    terms = _terms(chunk, wanted, known, spotler)
    wanted = {id_: each for id_, each in wanted.items() if id_ not in chunk.unread}
    if chunk.run.restore is not None:
        _record_acts(chunk, wanted, known)
    if chunk.has_acts:
        with snapshot():
            verdicts = judge_acts(chunk.run, addresses_of(wanted, known))
        wanted = {id_: each.judged(verdicts[id_]) for id_, each in wanted.items()}
        chunk.verdicts = {
            id_: replace(each, permissions=dict(wanted[id_].permissions))
            for id_, each in verdicts.items()
        }
    chunk.changes = plan_all(
        chunk.items, wanted, known, terms.__getitem__, source.types, desired.unplanned
    )
    chunk.changes = dict(chunk.changes) | {
        id_: Change(ChangeKind.BLOCKED, Reason.CRM_DECLINED, Detail(message=told_by(why)))
        for id_, why in declined.items()
        if id_ in chunk.items and chunk.changes[id_].reason is not Reason.GONE
    }
    chunk.planned_at = time.monotonic()
    renew_in_time(chunk)
    sent = {id_: change for id_, change in chunk.changes.items() if change.writes}
    chunk.writes = {id_: change for id_, change in sent.items() if id_ not in chunk.lost}
    _note_addresses(chunk, wanted, known)
    # Before the call: if its answer is lost, what it overwrote is known all the same.
    keep_images(chunk)
    db.session.commit()


def _record_acts(chunk: Chunk, wanted: Mapping[str, Wanted], known: Mapping[str, Observed]) -> None:
    """Record what a restore is to switch off: only its backup tells. Commits."""
    off = {
        id_: [bit for bit in each.permissions if known[id_].is_on(bit)]
        for id_, each in wanted.items()
        if id_ in known
    }
    if any(off.values()):
        record_acts_off(chunk.run, off)
        db.session.commit()


def _note_addresses(
    chunk: Chunk, wanted: Mapping[str, Wanted], known: Mapping[str, Observed]
) -> None:
    """Record which addresses the acts are about, and who goes to another one."""
    if chunk.has_acts:
        fill_digests(chunk.run, {id_: each.address for id_, each in wanted.items() if each.address})
    moves = linked_among(moving(wanted, known), known).items()
    left = {id_: (known[id_].address, new) for id_, new in moves if id_ in chunk.writes}
    note_moves(chunk.environment_id, left)


def read_back(chunk: Chunk, spotler: SpotlerClient) -> None:
    """Read a single contact after its write: its encrypted id, and the values that Spotler stored.

    The write is recorded already; when this fails, only the mirror is a little behind.
    """
    if not (chunk.is_single and chunk.writes):
        return
    read_at = datetime.now(UTC)
    try:
        contacts = [spotler.contacts.get(contact_id) for contact_id in chunk.items]
    except SpotlerError as error:
        log.info("run.read_back_failed", run=str(chunk.run.id), error=type(error).__name__)
        return
    record_contacts(chunk.environment_id, [c for c in contacts if c is not None], read_at)
    db.session.commit()


def _terms(
    chunk: Chunk,
    wanted: Mapping[str, Wanted],
    known: Mapping[str, Observed],
    spotler: SpotlerClient,
) -> dict[str, Terms]:
    """Return what the run allows for each contact, and who stands in the way of its new address."""
    with snapshot():
        erased = erased_among(chunk.environment_id, addresses_of(wanted, known))
        unwritten, strangers = _unwritten(chunk, wanted, known)
        out = opted_out_among(chunk.environment_id, known) if chunk.has_acts else set()
    # Of whom was erased no address is reserved, or looked for.
    addresses = {id_: each for id_, each in moving(wanted, known).items() if id_ not in erased}
    rivals = _rivals(chunk, addresses)
    of_linked = linked_among(addresses, known)
    holders = read_holders(chunk, of_linked, spotler)
    with snapshot():
        reserved = find_reserved(chunk.environment_id, holders)
        signed_off = signed_off_with(chunk.environment_id, of_linked)
    leavers = leavers_of(holders, addresses, reserved)
    return {
        id_: Terms(
            adds=chunk.run.kind in ADDING,
            take_over=chunk.items[id_].take_over,
            is_owner=id_ in chunk.settled.owned,
            left_to=chunk.settled.left.get(id_),
            rival=rivals.get(id_),
            holder=holders.get(id_),
            leaver=leavers.get(id_),
            signed_off=signed_off.get(id_, frozenset()),
            is_out=id_ in out,
            is_first=chunk.items[id_].was_linked or id_ in unwritten,
            stranger=id_ in strangers,
            erased=id_ in erased,
            seen=chunk.items[id_].comparable,
        )
        for id_ in wanted
    }


def _rivals(chunk: Chunk, addresses: Mapping[str, str]) -> dict[str, str]:
    """Reserve addresses that change; return contact id to the other contact that has its one."""
    if not addresses:
        return {}
    found = reserve_addresses(chunk.environment_id, addresses, chunk.lease)
    chunk.settled = settled_among(chunk.environment_id, addresses)
    db.session.commit()
    return found


def _unwritten(
    chunk: Chunk, wanted: Mapping[str, Wanted], known: Mapping[str, Observed]
) -> tuple[Collection[str], Collection[str]]:
    """Return to whom nothing was written yet, and of those whose id somebody else has."""
    ours = {
        id_: (each.address, wanted[id_].address)
        for id_, each in known.items()
        if each.external_id == id_
    }
    unwritten = find_unwritten(chunk.environment_id, ours) if ours else {}
    return unwritten.keys(), strangers_among(unwritten, ours)
