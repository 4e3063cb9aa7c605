"""The state of contacts in Spotler: from the mirror, or read now where it matters."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime

from spotler_plugin.config import settings
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.planning.state import Observed, Wanted
from spotler_plugin.services.consent.acts import contacts_with_acts
from spotler_plugin.services.feed.follow import catch_up
from spotler_plugin.services.feed.state import find_feed, is_read_within
from spotler_plugin.services.mirror.again import read_again
from spotler_plugin.services.mirror.look_up import (
    contacts_of,
    look_up,
    look_up_address,
    states_of,
)
from spotler_plugin.services.mirror.read import (
    are_doubted,
    find_mirrored_by_address,
    find_observed,
    find_spellings,
    known_states,
)
from spotler_plugin.services.mirror.record import record_contacts
from spotler_plugin.services.mirror.write import forget_ids
from spotler_plugin.services.sync.chunk import Chunk
from spotler_plugin.services.sync.claim import ask_each, renew_chunk
from spotler_plugin.services.sync.rows import leave_out
from spotler_plugin.services.sync.send import Ends
from spotler_plugin.spotler import SpotlerClient

RECENT, LATELY = 2.0, 30.0
"""Seconds; the mirror may be this old when permissions of many contacts are switched; and when many
go back to what they were, of which what others changed since is left alone."""
INTERVALS = 3
"""Intervals of the feed; the mirror may be this old when many contacts are linked."""
CATCH_UP_SECONDS = 10.0
"""How long a chunk reads the feed before it asks for its contacts one by one."""
ASK_SECONDS = 20.0
"""How long it asks for them; those left are claimed again, so that the job does not look dead."""
TRIES = 3
"""How often it does so, while other workers read the feed as well."""


def read_observed(
    chunk: Chunk, wanted: Mapping[str, Wanted], spotler: SpotlerClient, is_urgent: Ends
) -> dict[str, Observed]:
    """Return what Spotler has of each contact.

    The newest state matters right before a permission is switched (rules.md rule 2), before a
    contact is linked for the first time, or goes back (rules 11 and 12). Of many the feed is read
    then, or else each of them, and a single one always; the rest comes from the mirror. To ask for
    each takes long: whom nobody came to while somebody waits (`is_urgent`) leaves the chunk.
    """
    with snapshot():
        known = known_states(chunk.environment_id, wanted)
        acted = contacts_with_acts(chunk.run, wanted) if chunk.has_acts else {}
    chunk.known_at = time.monotonic()
    back = any(each.goes_back and not each.is_left for each in wanted.values())
    all_are = chunk.is_single or back
    unsure = wanted.keys() if all_are else (wanted.keys() - known.keys()) | acted.keys()
    if not unsure:
        return known
    renew_chunk(chunk)
    usual = LATELY if back else INTERVALS * settings().feed_seconds
    if not chunk.is_single and _is_current(chunk, spotler, RECENT if acted else usual):
        db.session.commit()
        with snapshot():
            return find_observed(chunk.environment_id, wanted)
    db.session.commit()
    asked = {id_: wanted[id_].address for id_ in wanted if id_ in unsure}
    sure = {id_: state for id_, state in known.items() if id_ not in asked}
    doubles = chunk.is_single and any(acted.values())
    found = sure | _asked(chunk, asked, spotler, is_urgent, doubles=doubles)
    if chunk.is_single or not acted or time.monotonic() - chunk.known_at < RECENT:
        return found
    # To ask for many takes long: who was asked first may have signed off since.
    catch_up(chunk.environment_id, spotler, CATCH_UP_SECONDS)
    chunk.known_at = time.monotonic()
    with snapshot():
        return found | known_states(chunk.environment_id, found)


def read_holders(
    chunk: Chunk, addresses: Mapping[str, str], spotler: SpotlerClient
) -> dict[str, Observed]:
    """Return contact id to who else has the address in Spotler that it moves to.

    Asked always, right before the write: of Spotler for a single contact, and for many of the
    mirror where that is complete.
    """
    if not addresses:
        return {}
    # Who signs off does so with the address of that moment: it is to be seen before it changes.
    if not chunk.is_single and _is_current(chunk, spotler, RECENT):
        db.session.commit()
        with snapshot():
            return find_mirrored_by_address(chunk.environment_id, addresses)
    db.session.commit()
    return _search(chunk, addresses, spotler)


def _is_current(chunk: Chunk, spotler: SpotlerClient, oldest: float) -> bool:
    """Return whether the mirror is complete as of `oldest` seconds ago; read the feed if needed."""
    row = find_feed(chunk.environment_id)
    if row is None or row.full_finished_at is None:
        return False
    if are_doubted(chunk.environment_id, chunk.items):
        return False
    for _ in range(TRIES):
        if is_read_within(row, oldest):
            return True
        catch_up(chunk.environment_id, spotler, CATCH_UP_SECONDS)
        renew_chunk(chunk)
        row = find_feed(chunk.environment_id)
    return is_read_within(row, oldest)


def _asked(
    chunk: Chunk,
    asked: Mapping[str, str | None],
    spotler: SpotlerClient,
    is_urgent: Ends,
    *,
    doubles: bool,
) -> dict[str, Observed]:
    """Read the contacts from Spotler one by one, and record them in the mirror.

    With `doubles` the mirror also gets who else has the address of each: of several records with
    one address the strictest counts, and only the first is found by our id.
    """
    read_at, end = datetime.now(UTC), time.monotonic() + ASK_SECONDS
    with snapshot():
        spelt = find_spellings(chunk.environment_id, asked)
    fresh = ask_each(
        chunk,
        asked,
        lambda id_: look_up(spotler, id_, asked[id_], spelt[id_]),
        lambda: time.monotonic() > end or is_urgent(),
    )
    leave_out(chunk, asked.keys() - fresh.keys() - chunk.unread.keys())
    found = states_of(fresh)
    others = [
        look_up_address(spotler, state.address, but=contact_id)
        for contact_id, state in found.items()
        if doubles and state.external_id == contact_id and state.address
    ]
    record_contacts(chunk.environment_id, contacts_of([*fresh.values(), *others]), read_at)
    forget_ids(chunk.environment_id, fresh.keys() - found.keys(), read_at)
    db.session.commit()
    by_address = {
        id_: address
        for id_, address in asked.items()
        if id_ in fresh and address and (id_ not in found or found[id_].external_id != id_)
    }
    return found | _known_inactive(chunk, by_address, spotler)


def _search(
    chunk: Chunk, addresses: Mapping[str, str], spotler: SpotlerClient
) -> dict[str, Observed]:
    """Ask Spotler who has each of these addresses, and record it in the mirror."""
    read_at = datetime.now(UTC)
    with snapshot():
        spelt = find_spellings(chunk.environment_id, addresses)
    fresh = ask_each(
        chunk,
        addresses,
        lambda id_: look_up_address(spotler, addresses[id_], id_, spelt[id_]),
        lambda: False,
    )
    record_contacts(chunk.environment_id, contacts_of(fresh.values()), read_at)
    db.session.commit()
    return states_of(fresh) | _known_inactive(chunk, addresses, spotler)


def _known_inactive(
    chunk: Chunk, addresses: Mapping[str, str], spotler: SpotlerClient
) -> dict[str, Observed]:
    """Return who else has these addresses and is inactive by the mirror: a search may not show them
    (spotler-api.md §12 [U]). For a single contact Spotler is asked for those with an id."""
    if not addresses:
        return {}
    if chunk.is_single:
        read_again(chunk.environment_id, spotler, addresses)
        db.session.commit()
    with snapshot():
        found = find_mirrored_by_address(chunk.environment_id, addresses)
    return {id_: state for id_, state in found.items() if not state.active}
