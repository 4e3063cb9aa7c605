"""Which contact has which address, and had it until when, by digests.

Links and mirror know the addresses of now, as long as they are there. This stays, whatever becomes
of them: the account may be replaced, the contact deleted, the address given to somebody else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Select, Table, bindparam, case, literal, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import AddressHolder
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.sql import among, insert_new

HOLDERS = cast(Table, AddressHolder.__table__)
_LEAVE = update(HOLDERS).where(
    HOLDERS.c.environment_id == bindparam("owner"),
    HOLDERS.c.contact_id == bindparam("contact"),
    HOLDERS.c.address_digest != bindparam("digest"),
    HOLDERS.c.until.is_(None),
)
_COME_BACK = update(HOLDERS).where(
    HOLDERS.c.environment_id == bindparam("owner"),
    HOLDERS.c.contact_id == bindparam("contact"),
    HOLDERS.c.address_digest == bindparam("digest"),
    HOLDERS.c.until.is_not(None),
)

Row = tuple[str, str, datetime, datetime | None]
# Made once: making a statement takes as long as executing it, and each modal asks for these.
_HELD: Select[*Row] = select(
    HOLDERS.c.contact_id, HOLDERS.c.address_digest, HOLDERS.c.since, HOLDERS.c.until
).where(HOLDERS.c.environment_id == bindparam("owner"))
_WITH = _HELD.where(among(HOLDERS.c.address_digest, "digests"))
_OF = _HELD.where(among(HOLDERS.c.contact_id, "contacts"))


@dataclass(frozen=True, slots=True)
class Holder:
    """A contact that had an address: since we knew of it last, until it went to another one."""

    contact_id: str
    digest: str
    since: datetime
    until: datetime | None


def hold(environment_id: int, held: Iterable[tuple[str, str | None]], at: datetime) -> None:
    """Record contacts with the digests of the addresses that they have."""
    pairs = sorted({(contact_id, digest) for contact_id, digest in held if digest})
    if not pairs:
        return
    new = [
        {"environment_id": environment_id, "contact_id": id_, "address_digest": digest, "since": at}
        for id_, digest in pairs
    ]
    insert_new(AddressHolder, new)
    rows = [{"owner": environment_id, "contact": id_, "digest": digest} for id_, digest in pairs]
    # What went on while it had another address lifts nothing that was signed off with this one.
    since = case((HOLDERS.c.until > at, HOLDERS.c.until), else_=literal(at, HOLDERS.c.since.type))
    db.session.connection().execute(_COME_BACK.values(since=since, until=None), rows)


def note_moves(environment_id: int, moves: Mapping[str, tuple[str, str]]) -> None:
    """Record contacts that go from one address to another."""
    moves = {id_: both for id_, both in moves.items() if all(both)}
    if not moves:
        return
    now = datetime.now(UTC)
    digests = digests_of(environment_id, (each for both in moves.values() for each in both))
    new = {contact_id: digests[after] for contact_id, (_, after) in moves.items()}
    hold(environment_id, ((id_, digests[before]) for id_, (before, _) in moves.items()), now)
    hold(environment_id, new.items(), now)
    rows = [{"owner": environment_id, "contact": id_, "digest": new[id_]} for id_ in sorted(new)]
    db.session.connection().execute(_LEAVE.values(until=now), rows)


def share_addresses(environment_id: int, contact_id: str, other_id: str) -> None:
    """Record that from now on a contact is the other one as well, with its addresses."""
    others = held_by(environment_id, [other_id])
    hold(environment_id, ((contact_id, each.digest) for each in others), datetime.now(UTC))


def holders_of(environment_id: int, digests: Collection[str]) -> list[Holder]:
    """Return who has, or had, addresses with these digests."""
    return _found(_WITH, {"owner": environment_id, "digests": digests}) if digests else []


def held_by(environment_id: int, contact_ids: Collection[str]) -> list[Holder]:
    """Return what addresses these contacts have and had."""
    return _found(_OF, {"owner": environment_id, "contacts": contact_ids})


def _found(statement: Select[*Row], given: dict[str, object]) -> list[Holder]:
    return [Holder(*row) for row in db.session.execute(statement, given)]
