"""Mark contacts as inactive: by bounces, refusals to write them, and our own doing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, select

from spotler_plugin.extensions import db
from spotler_plugin.models import MirrorContact
from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.services.consent.seen import BOUNCE, Sighting, note_sightings
from spotler_plugin.services.environment import lock_environment
from spotler_plugin.services.mirror.merge import name_of_record
from spotler_plugin.spotler import Bounce, BounceKind
from spotler_plugin.sql import among


def record_bounces(environment_id: int, bounces: Iterable[Bounce]) -> None:
    """Mark contacts with a hard bounce as inactive (spotler-api.md §4 [D]).

    Skips contacts that changed after the bounce: the mirror already has their newer state.
    """
    hard = [
        (each.at, each.encrypted_id)
        for each in bounces
        if each.kind is BounceKind.HARD and each.encrypted_id and each.at
    ]
    if not hard:
        return
    bounced_at = {encrypted_id: at for at, encrypted_id in sorted(hard)}
    bounced = among(MirrorContact.encrypted_id, bounced_at.keys())
    for row in _find_open(environment_id, bounced):
        at = bounced_at[str(row.encrypted_id)]
        if row.last_changed is None or row.last_changed < at:
            _close(row, at, BOUNCE)


def record_refusals(environment_id: int, contact_ids: Collection[str]) -> None:
    """Mark contacts as inactive that Spotler refused to write because they opted out."""
    for row in _find_ours(environment_id, contact_ids):
        _close(row, datetime.now(UTC))


def record_closed(environment_id: int, contact_ids: Collection[str]) -> None:
    """Mark contacts as inactive that we made so."""
    for row in _find_ours(environment_id, contact_ids):
        row.active = False


def _close(row: MirrorContact, at: datetime, ground: str | None = None) -> None:
    row.active = False
    who = name_of_record(row.external_id, row.encrypted_id)
    at = min(at, datetime.now(UTC))
    sighting = Sighting(who, EVERYTHING, False, at, row.address or "", ground)
    note_sightings(row.environment_id, [sighting])


def _find_ours(environment_id: int, contact_ids: Collection[str]) -> Sequence[MirrorContact]:
    if not contact_ids:
        return ()
    return _find_open(environment_id, among(MirrorContact.external_id, contact_ids))


def _find_open(environment_id: int, which: ColumnElement[bool]) -> Sequence[MirrorContact]:
    lock_environment(environment_id)
    return db.session.scalars(
        select(MirrorContact)
        .where(MirrorContact.environment_id == environment_id, MirrorContact.active, which)
        .execution_options(populate_existing=True)
    ).all()
