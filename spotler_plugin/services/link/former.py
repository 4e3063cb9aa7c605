"""Ids that say nothing about who has them: after another account, or with another address.

A link keeps the address to know its contact by until something is written to it in this account.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, MirrorContact, Outcome
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.lease import FREE, is_free
from spotler_plugin.services.link.lease import LINKS
from spotler_plugin.sql import among

_UNWRITTEN = select(LINKS.c.contact_id, LINKS.c.former_address).where(
    LINKS.c.environment_id == bindparam("owner"),
    among(LINKS.c.contact_id, "contacts"),
    LINKS.c.synced_at.is_(None),
)


def void_links(environment_id: int, *, is_known_by_address: bool) -> None:
    """Mark everybody as not linked, and keep the address to know them by in the new account.

    Or none: then only a person, or a run that links, ties them.

    Takes the leases too, so that no worker records what it did in the account before. Call it
    while the mirror still has that account.
    """
    former = func.coalesce(_mirrored_address(), Link.former_address, "")
    db.session.execute(
        update(Link)
        .where(Link.environment_id == environment_id)
        .values(
            **FREE,
            former_address=former if is_known_by_address else "",
            address=None,
            linked_at=None,
            synced_at=None,
            crm_version=None,
            problem=None,
            problem_detail=None,
            problem_outcome=None,
        ),
        execution_options={"synchronize_session": False},
    )


def is_recognised() -> ColumnElement[bool]:
    """Return the condition that the mirror's contact with a link's id may be taken for it."""
    return or_(Link.former_address.is_(None), Link.former_address == _mirrored_address())


def note_strangers(environment_id: int, addresses: Mapping[str, str]) -> None:
    """Record that Spotler has these contacts' ids with another address than the CRM: they stay
    unlinked until a person says whose the ids are, or the addresses agree."""
    if not addresses:
        return
    of_one = update(LINKS).where(
        LINKS.c.environment_id == environment_id,
        LINKS.c.contact_id == bindparam("contact"),
        LINKS.c.linked_at.is_(None),
        is_free(Link, datetime.now(UTC)),
    )
    values = {
        "former_address": func.coalesce(LINKS.c.former_address, ""),
        "problem": Reason.ID_OF_ANOTHER,
        "problem_detail": bindparam("detail", type_=LINKS.c.problem_detail.type),
        "problem_outcome": Outcome.BLOCKED,
    }
    rows = [{"contact": id_, "detail": Detail(address=each)} for id_, each in addresses.items()]
    db.session.connection().execute(of_one.values(values), rows)


def find_unwritten(environment_id: int, contact_ids: Collection[str]) -> dict[str, str | None]:
    """Return the contacts to which nothing was written in this account, with the address that
    they are known by, where their id alone does not do."""
    of_these = {"owner": environment_id, "contacts": contact_ids}
    rows = db.session.connection().execute(_UNWRITTEN, of_these)
    return {contact_id: address for contact_id, address in rows}


def strangers_among(
    unwritten: Mapping[str, str | None], addresses: Mapping[str, tuple[str | None, str | None]]
) -> set[str]:
    """Return the contacts whose id somebody else has in this account.

    `addresses` has, by contact, the address of who has the id, and that of the CRM.
    """
    found = set()
    for contact_id, address in unwritten.items():
        if address is None or contact_id not in addresses:
            continue
        theirs, ours = map(address_key, addresses[contact_id])
        if not theirs or theirs not in (address, ours):
            found.add(contact_id)
    return found


def _mirrored_address() -> ColumnElement[str | None]:
    return (
        select(MirrorContact.address)
        .where(
            MirrorContact.environment_id == Link.environment_id,
            MirrorContact.external_id == Link.contact_id,
        )
        .scalar_subquery()
    )
