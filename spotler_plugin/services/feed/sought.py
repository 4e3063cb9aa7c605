"""Contacts of the CRM whose address Spotler had before we came, under no id or another.

Once all contacts of an account were read, the CRM's contacts are gone through, and whose address
Spotler has is noted on a link that ties nobody. A person links them: nothing is written here.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from structlog import get_logger

from spotler_plugin.crm import (
    BEGINNING,
    CrmContact,
    CrmError,
    Endless,
    NotFound,
    Refused,
)
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.account.client import is_in_use
from spotler_plugin.services.catalogue.fields import PersonFields, has_fields, person_fields
from spotler_plugin.services.consent.erased import erased_among
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.feed.state import (
    claim_feed,
    find_feed,
    is_seeking_due,
    keep_progress,
    release_feed,
)
from spotler_plugin.services.link.address import note_addresses
from spotler_plugin.services.link.lease import open_links
from spotler_plugin.services.mirror.record import TABLE
from spotler_plugin.sql import among

TURN_SECONDS = 10.0
"""How long one job reads the CRM's list; the next one goes on where it ended."""
LONGEST_CURSOR = 500

log = get_logger()


def seek(environment_id: int) -> bool:
    """Take a turn at going through the CRM's contacts; True when there are more. Commits.

    While the CRM is away, or its fields were not read yet, nothing is lost: the next reading of the
    feed leads here again.
    """
    owner = db.session.get(Environment, environment_id)
    row = find_feed(environment_id)
    if owner is None or not is_in_use(environment_id) or row is None or not is_seeking_due(row):
        return False
    if not has_fields(environment_id):
        return False
    held, after = claim_feed(environment_id), row.sought_after
    db.session.commit()
    if held is None:
        return False
    try:
        return _take_turn(owner, held, after)
    except CrmError as error:
        db.session.rollback()
        _note(environment_id, held, after, error)
        return False
    finally:
        db.session.rollback()
        release_feed(environment_id, held, attempts=0)
        db.session.commit()


def _take_turn(owner: Environment, held: UUID, after: str | None) -> bool:
    end = time.monotonic() + TURN_SECONDS
    crm, fields = crm_of(owner), person_fields(owner.id)
    db.session.commit()
    for page in crm.contacts.changed_since(BEGINNING, after=after):
        is_last = page.next is None or len(page.next) > LONGEST_CURSOR
        progress = _ended() if is_last else {"sought_after": page.next}
        _record(owner.id, page.contacts, fields)
        # Asked last, as another account may have replaced this one meanwhile.
        if not keep_progress(owner.id, held, **progress):
            return False
        db.session.commit()
        if is_last:
            return False
        if time.monotonic() > end:
            return True
    return False


def _record(environment_id: int, people: Iterable[CrmContact], fields: PersonFields) -> None:
    ours = {
        person.id: address_key(address)
        for person in people
        if person.active and is_crm_id(person.id) and (address := fields.address_of(person))
    }
    there = _known(environment_id, set(ours.values()))
    found = {id_: key for id_, key in ours.items() if key in there}
    erased = erased_among(environment_id, {id_: {key} for id_, key in found.items()})
    noted = {id_: key for id_, key in found.items() if id_ not in erased}
    open_links(environment_id, noted)
    note_addresses(environment_id, noted)
    if noted:
        log.info("feed.sought", environment=environment_id, contacts=len(noted))


def _known(environment_id: int, addresses: Collection[str]) -> set[str]:
    """Return those of these addresses that Spotler has."""
    return set(
        db.session.scalars(
            select(TABLE.c.address).where(
                TABLE.c.environment_id == environment_id, among(TABLE.c.address, addresses)
            )
        )
    )


def _note(environment_id: int, held: UUID, after: str | None, error: CrmError) -> None:
    """A cursor that is refused is dropped. A list without an end, or that is not given at all, was
    seen as far as it goes: it is not asked for every minute."""
    refused = isinstance(error, Refused | NotFound)
    if isinstance(error, Endless) or (refused and after is None):
        keep_progress(environment_id, held, **_ended())
    elif refused:
        keep_progress(environment_id, held, sought_after=None)
    db.session.commit()
    log.info("feed.seek_failed", environment=environment_id, error=type(error).__name__)


def _ended() -> dict[str, Any]:
    return {"sought_after": None, "sought_at": datetime.now(UTC)}
