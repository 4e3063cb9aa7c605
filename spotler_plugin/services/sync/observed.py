"""The state of contacts in Spotler: from the mirror, or read now where it matters."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from spotler_plugin.config import settings
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.planning.plan import Observed, Wanted
from spotler_plugin.services.consent.acts import contacts_with_acts
from spotler_plugin.services.feed.follow import catch_up
from spotler_plugin.services.feed.state import find_feed, is_read_within
from spotler_plugin.services.mirror.look_up import look_up
from spotler_plugin.services.mirror.read import (
    are_doubted,
    find_observed,
    known_states,
    observed_from,
)
from spotler_plugin.services.mirror.record import record_contacts
from spotler_plugin.services.mirror.write import forget_ids
from spotler_plugin.services.sync.chunk import Chunk
from spotler_plugin.services.sync.renew import renew_chunk
from spotler_plugin.spotler import Contact, SpotlerClient

RECENT = 30.0
"""Seconds; the mirror may be this old when permissions of many contacts are switched."""
INTERVALS = 3
"""Intervals of the feed; the mirror may be this old when many contacts are linked."""
CATCH_UP_SECONDS = 10.0
"""How long a chunk reads the feed before it asks for its contacts one by one."""


def read_observed(
    chunk: Chunk, wanted: Mapping[str, Wanted], spotler: SpotlerClient
) -> dict[str, Observed]:
    """Return what Spotler has of each contact.

    The newest state matters right before a permission is switched (rules.md rule 2), before a
    contact is linked for the first time, and for a single contact. Then a single contact is read
    from Spotler; for many contacts the feed is read, or else each of them. The rest comes from
    the mirror.
    """
    with snapshot():
        known = known_states(chunk.environment_id, wanted)
        acted = contacts_with_acts(chunk.run, wanted) if chunk.has_acts else set()
    unsure = wanted.keys() if chunk.is_single else (wanted.keys() - known.keys()) | acted
    if not unsure:
        return known
    renew_chunk(chunk)
    oldest = RECENT if acted else INTERVALS * settings().feed_seconds
    if not chunk.is_single and _is_current(chunk, spotler, oldest):
        db.session.commit()
        with snapshot():
            return find_observed(chunk.environment_id, wanted)
    db.session.commit()
    asked = {id_: wanted[id_].address for id_ in wanted if id_ in unsure}
    sure = {id_: state for id_, state in known.items() if id_ not in asked}
    return sure | _asked(chunk, asked, spotler)


def _is_current(chunk: Chunk, spotler: SpotlerClient, oldest: float) -> bool:
    """Return whether the mirror is complete as of `oldest` seconds ago; read the feed if needed."""
    row = find_feed(chunk.environment_id)
    if row is None or row.full_finished_at is None:
        return False
    if are_doubted(chunk.environment_id, chunk.items):
        return False
    if not is_read_within(row, oldest):
        catch_up(chunk.environment_id, spotler, CATCH_UP_SECONDS)
        renew_chunk(chunk)
        row = find_feed(chunk.environment_id)
    return is_read_within(row, oldest)


def _asked(
    chunk: Chunk, asked: Mapping[str, str | None], spotler: SpotlerClient
) -> dict[str, Observed]:
    """Read the contacts from Spotler one by one, and record them in the mirror."""
    read_at = datetime.now(UTC)
    fresh: dict[str, Contact | None] = {}
    for contact_id, address in asked.items():
        renew_chunk(chunk)
        fresh[contact_id] = look_up(spotler, contact_id, address)
    found = {id_: contact for id_, contact in fresh.items() if contact is not None}
    record_contacts(chunk.environment_id, found.values(), read_at)
    forget_ids(chunk.environment_id, fresh.keys() - found.keys(), read_at)
    db.session.commit()
    return {id_: observed_from(contact) for id_, contact in found.items()}
