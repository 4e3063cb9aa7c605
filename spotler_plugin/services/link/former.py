"""Links of the account that was replaced: ids there say nothing about who has them here."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, func, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, MirrorContact
from spotler_plugin.services.lease import FREE
from spotler_plugin.sql import among


def void_links(environment_id: int) -> None:
    """Mark everybody as not linked, and keep the address to know them by in the new account.

    Takes the leases too, so that no worker records what it did in the account before. Call it
    while the mirror still has that account.
    """
    db.session.execute(
        update(Link)
        .where(Link.environment_id == environment_id)
        .values(
            **FREE,
            former_address=func.coalesce(_mirrored_address(), Link.former_address, ""),
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


def find_strangers(
    environment_id: int, addresses: Mapping[str, tuple[str | None, str | None]]
) -> set[str]:
    """Return the contacts whose id somebody else has in this account.

    `addresses` has, by contact, the address of who has the id, and that of the CRM.
    """
    former = db.session.execute(
        select(Link.contact_id, Link.former_address).where(
            Link.environment_id == environment_id,
            among(Link.contact_id, addresses),
            Link.former_address.is_not(None),
        )
    )
    found = set()
    for contact_id, address in former:
        theirs, ours = (each.lower() if each else None for each in addresses[contact_id])
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
