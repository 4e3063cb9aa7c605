"""Which address an act was about, as a digest: the contact may have another one later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from sqlalchemy import Table, bindparam, func, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Link, MirrorContact, Run
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.consent.holders import hold

ACTS = cast(Table, Act.__table__)
_FILL = update(ACTS).where(
    ACTS.c.environment_id == bindparam("owner"),
    ACTS.c.contact_id == bindparam("contact"),
    ACTS.c.run_id == bindparam("run"),
    ACTS.c.address_digest.is_(None),
)


def known_digest(environment_id: int, contact_id: str) -> str | None:
    """Return the digest of the address that our tables have of a contact, if they have one."""
    mirrored = select(MirrorContact.address).where(
        MirrorContact.environment_id == environment_id, MirrorContact.external_id == contact_id
    )
    linked = select(Link.address).where(
        Link.environment_id == environment_id, Link.contact_id == contact_id
    )
    address = db.session.scalar(
        select(func.coalesce(mirrored.scalar_subquery(), linked.scalar_subquery()))
    )
    return digests_of(environment_id, [address]).get(address) if address else None


def fill_digests(run: Run, addresses: Mapping[str, str]) -> None:
    """Give a run's acts the addresses that were read for it, where they have none yet.

    When many are asked for at once, nobody has read yet who they are. The contacts hold them.
    """
    digests = digests_of(run.environment_id, addresses.values())
    rows = [
        {"contact": contact_id, "address_digest": digests[address]}
        for contact_id, address in addresses.items()
        if address in digests
    ]
    if rows:
        owner = {"owner": run.environment_id, "run": run.id}
        db.session.connection().execute(_FILL, [{**owner, **row} for row in rows])
        held = [(row["contact"], row["address_digest"]) for row in rows]
        hold(run.environment_id, held, run.created_at)
