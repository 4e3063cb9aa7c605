"""Contacts that Spotler knew by the CRM's ids before we came, as from an earlier connector.

Once all contacts of an account were read, the CRM is asked which of the external ids it has. Whose
address is the same in both is linked from then on; nothing is written to anybody.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from structlog import get_logger

from spotler_plugin.crm import MAX_CONTACTS, CrmContact, CrmError
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Link
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.account.client import is_in_use
from spotler_plugin.services.catalogue.fields import PersonFields, has_fields, person_fields
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.services.environment import crm_of, lock_environment
from spotler_plugin.services.feed.state import (
    claim_feed,
    find_feed,
    is_known_due,
    keep_progress,
    release_feed,
)
from spotler_plugin.services.link.address import find_holders
from spotler_plugin.services.link.former import note_strangers
from spotler_plugin.services.link.lease import open_links
from spotler_plugin.services.link.tie import tie_known
from spotler_plugin.services.mirror.record import TABLE
from spotler_plugin.sql import among

TURN_SECONDS = 10.0
"""How long one job asks the CRM; the next one goes on where it ended."""

log = get_logger()


@dataclass(slots=True)
class Found:
    """Contacts that both sides know by one id."""

    same: dict[str, str] = field(default_factory=dict)
    """By id the address, where both have the same."""
    others: dict[str, str] = field(default_factory=dict)
    """Those that have another address in Spotler, with it: it may be somebody else."""


def find_known(environment_id: int) -> bool:
    """Take a turn at looking who is known; True when there are more. Commits.

    While the CRM is away, or its fields were not read yet, nothing is lost: the next reading of the
    feed leads here again.
    """
    owner = db.session.get(Environment, environment_id)
    row = find_feed(environment_id)
    if owner is None or not is_in_use(environment_id) or row is None or not is_known_due(row):
        return False
    if not has_fields(environment_id):
        return False
    held = claim_feed(environment_id)
    db.session.commit()
    if held is None:
        return False
    try:
        return _take_turn(owner, held)
    except CrmError as error:
        log.info("feed.known_failed", environment=environment_id, error=type(error).__name__)
        return False
    finally:
        db.session.rollback()
        release_feed(environment_id, held, attempts=0)
        db.session.commit()


def _take_turn(owner: Environment, held: UUID) -> bool:
    environment_id, end = owner.id, time.monotonic() + TURN_SECONDS
    row = find_feed(environment_id)
    after = (row and row.known_after) or 0
    crm, fields = crm_of(owner), person_fields(owner.id)
    while True:
        ids = _next_ids(environment_id, after)
        if not ids:
            keep_progress(environment_id, held, known_after=None, known_at=datetime.now(UTC))
            db.session.commit()
            return False
        db.session.commit()
        people = crm.contacts.get_many([id_ for id_ in ids.values() if is_crm_id(id_)]).contacts
        after = max(ids)
        if not _record(environment_id, people, fields, held, after):
            return False
        if time.monotonic() > end:
            return True


def _next_ids(environment_id: int, after: int) -> dict[int, str]:
    """Return the next ids that Spotler has and no run or event was about, by row of the mirror.

    Who was written in this account, or parted, is known already.
    """
    untied = and_(Link.linked_at.is_(None), Link.synced_at.is_(None))
    here = and_(Link.deleted_at.is_(None), Link.merged_into.is_(None))
    rows = db.session.execute(
        select(TABLE.c.id, TABLE.c.external_id)
        .outerjoin(
            Link,
            and_(Link.environment_id == environment_id, Link.contact_id == TABLE.c.external_id),
        )
        .where(
            TABLE.c.environment_id == environment_id,
            TABLE.c.id > after,
            TABLE.c.external_id.is_not(None),
            or_(Link.id.is_(None), and_(untied, here)),
        )
        .order_by(TABLE.c.id)
        .limit(MAX_CONTACTS)
    )
    return {id_: external_id for id_, external_id in rows}


def _record(
    environment_id: int,
    people: Mapping[str, CrmContact],
    fields: PersonFields,
    held: UUID,
    after: int,
) -> bool:
    """Link those whom both sides mean, and keep how far it came; False when the lease was lost."""
    ours = {
        id_: address_key(address)
        for id_, person in people.items()
        if person.active and (address := fields.address_of(person))
    }
    seen = _compare(environment_id, ours)
    # Before the mirror is locked: a worker that writes a contact has its link, and wants that.
    open_links(environment_id, seen.same.keys() | seen.others.keys())
    lock_environment(environment_id)
    found = _compare(environment_id, ours)
    tie_known(environment_id, found.same)
    note_strangers(environment_id, found.others)
    # Asked last, as another account may have replaced this one meanwhile.
    if not keep_progress(environment_id, held, known_after=after):
        db.session.rollback()
        return False
    db.session.commit()
    if found.same or found.others:
        counts = {"linked": len(found.same), "otherwise": len(found.others)}
        log.info("feed.known", environment=environment_id, **counts)
    return True


def _compare(environment_id: int, ours: Mapping[str, str]) -> Found:
    """Compare the CRM's addresses with those that the mirror has by these ids.

    Left out is who has no address in Spotler, as one that was anonymised, and whose address
    another contact has: saving such a contact asks a person.
    """
    theirs = _addresses(environment_id, ours)
    holders = find_holders(environment_id, set(theirs.values()))
    found = Found()
    taken: set[str] = set()
    for id_, address in theirs.items():
        if address != ours[id_]:
            found.others[id_] = address
        elif not holders.get(address, set()) - {id_} and address not in taken:
            found.same[id_] = address
            taken.add(address)
    return found


def _addresses(environment_id: int, ids: Collection[str]) -> dict[str, str]:
    rows = db.session.execute(
        select(TABLE.c.external_id, TABLE.c.address)
        .where(
            TABLE.c.environment_id == environment_id,
            among(TABLE.c.external_id, ids),
            TABLE.c.address.is_not(None),
        )
        .order_by(TABLE.c.id)
    )
    return {external_id: address for external_id, address in rows}
