"""Contacts that are not linked, and whose address Spotler has all the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, and_, bindparam, exists, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, MirrorContact
from spotler_plugin.services.lease import is_free
from spotler_plugin.services.link.lease import LINKS


def note_there(environment_id: int, addresses: Mapping[str, str]) -> None:
    """Store the key of the address of each contact that is not linked, where none is known yet.

    As `link/address.note_address`, of many at once: an address that is known stays.
    """
    if not addresses:
        return
    of_one = update(LINKS).where(
        LINKS.c.environment_id == environment_id,
        LINKS.c.contact_id == bindparam("contact"),
        LINKS.c.linked_at.is_(None),
        LINKS.c.address.is_(None),
        is_free(Link, datetime.now(UTC)),
    )
    rows = [{"contact": id_, "has": address} for id_, address in addresses.items()]
    db.session.connection().execute(of_one.values(address=bindparam("has")), rows)


def is_there(environment_id: int) -> ColumnElement[bool]:
    """Return the condition that a link ties nobody yet, and could: Spotler has the address.

    Left out is where an attempt said why it does not go, and who is gone from the CRM.
    """
    here = (Link.deleted_at, Link.merged_into, Link.erased_at)
    return and_(
        Link.environment_id == environment_id,
        Link.linked_at.is_(None),
        Link.problem.is_(None),
        *(each.is_(None) for each in here),
        exists().where(
            MirrorContact.environment_id == environment_id, MirrorContact.address == Link.address
        ),
    )


def is_untouched(environment_id: int) -> ColumnElement[bool]:
    """Return the condition that a contact is linked, and nothing was written to it yet."""
    return and_(
        Link.environment_id == environment_id,
        Link.linked_at.is_not(None),
        Link.synced_at.is_(None),
    )
