"""Whose an e-mail address is, where several contacts have it: as a person said last."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import insert, select

from spotler_plugin.extensions import db
from spotler_plugin.models import AddressAct
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.sql import among


def settle_owner(
    environment_id: int,
    owner_id: str,
    others: Collection[str],
    address: str,
    *,
    actor_id: str | None,
    actor_name: str | None,
) -> None:
    """Record that a person said whose the address is, for each contact that has it."""
    digest = digests_of(environment_id, [address]).get(address)
    if digest is None or not others:
        return
    act = {
        "environment_id": environment_id,
        "owner_id": owner_id,
        "address_digest": digest,
        "at": datetime.now(UTC),
        "actor_id": actor_id,
        "actor_name": actor_name,
    }
    contacts = [owner_id, *sorted(set(others) - {owner_id})]
    db.session.execute(insert(AddressAct), [{**act, "contact_id": id_} for id_ in contacts])


def last_settled(
    environment_id: int, contact_ids: Collection[str], address: str
) -> dict[str, AddressAct]:
    """Return by contact what was last said of it and this address."""
    digest = digests_of(environment_id, [address]).get(address)
    rows = db.session.scalars(
        select(AddressAct)
        .where(
            AddressAct.environment_id == environment_id,
            among(AddressAct.contact_id, contact_ids),
            AddressAct.address_digest == digest,
        )
        .order_by(AddressAct.at, AddressAct.id)
    )
    return {row.contact_id: row for row in rows}
