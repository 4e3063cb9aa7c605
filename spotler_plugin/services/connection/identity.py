"""Whether a key opens the account that we know, or another one, and how alike that is."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, exists, select

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Link, MirrorContact, Property
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.spotler import InvalidAnswer, SpotlerClient

SAMPLE = 20
"""Contacts to look for; most are there, or it is another account."""
ALIKE = 0.5
"""Share of all properties that two readings of one account have in common at least."""
ENOUGH_SECONDS = 6.0
"""So long contacts are counted after the answer is clear: somebody waits at the screen."""

Known = tuple[str, str | None, str | None]
"""External id, encrypted id and address of a contact, by the mirror."""


@dataclass(slots=True)
class Comparison:
    """What became of some contacts that we know, in the account that a key opens."""

    same: int = 0
    """They are there as the records that we know."""
    alike: int = 0
    """Other records have their id and their address."""
    strange: int = 0
    """Records with another address have their id."""
    absent: int = 0
    differs: bool = False
    """Nobody could be looked for, and the properties are others."""

    @property
    def looked(self) -> int:
        return self.same + self.gone

    @property
    def gone(self) -> int:
        return self.alike + self.strange + self.absent

    @property
    def is_other(self) -> bool:
        return self.differs or self.gone > self.same


def compare_account(
    environment_id: int, spotler: SpotlerClient, properties: Collection[str]
) -> Comparison:
    """Look in an account for contacts that our links and mirror have, up to `SAMPLE`.

    No transaction is open meanwhile. Where none was ever read the names of the properties decide;
    where nobody is linked either there is nothing to mistake. Raises SpotlerError.
    """
    seen, enough = Comparison(), time.monotonic() + ENOUGH_SECONDS
    with snapshot():
        known = _sample(environment_id)
        if not known:
            linked = _is_anybody_linked(environment_id)
            seen.differs = linked and not _are_alike(environment_id, properties)
    for number, contact in enumerate(known, start=1):
        try:
            _count(seen, contact, spotler)
        except InvalidAnswer:
            # One that cannot be read tells nothing; where all are so, it is not about them.
            if number == len(known) and not seen.looked:
                raise
        late = time.monotonic() > enough
        if 2 * seen.same > len(known) or (late and 2 * seen.gone > len(known)):
            break
    return seen


def _count(seen: Comparison, contact: Known, spotler: SpotlerClient) -> None:
    external_id, encrypted_id, address = contact
    found = spotler.contacts.get(external_id)
    if found is None:
        seen.absent += 1
        return
    has_address = address_key(found.email) == (address or "")
    # Just after a write only the address is known.
    if found.encrypted_id == encrypted_id or (encrypted_id is None and has_address):
        seen.same += 1
    elif has_address and address:
        seen.alike += 1
    else:
        seen.strange += 1


def _sample(environment_id: int) -> Sequence[Known]:
    """Return contacts that the mirror has: linked ones, those written last; or else any."""
    return _rows(
        _of_mirror(environment_id)
        .join(
            Link,
            (Link.environment_id == environment_id)
            & (Link.contact_id == MirrorContact.external_id),
        )
        .where(Link.linked_at.is_not(None))
        .order_by(Link.synced_at.desc(), Link.id)
    ) or _rows(_of_mirror(environment_id).order_by(MirrorContact.id.desc()))


def _of_mirror(environment_id: int) -> Select[str | None, str | None, str | None]:
    return select(
        MirrorContact.external_id, MirrorContact.encrypted_id, MirrorContact.address
    ).where(MirrorContact.environment_id == environment_id, MirrorContact.external_id.is_not(None))


def _rows(query: Select[str | None, str | None, str | None]) -> Sequence[Known]:
    rows = db.session.execute(query.limit(SAMPLE))
    return [(str(id_), encrypted_id, address) for id_, encrypted_id, address in rows]


def _is_anybody_linked(environment_id: int) -> bool:
    linked = exists().where(Link.environment_id == environment_id, Link.linked_at.is_not(None))
    return bool(db.session.scalar(select(linked)))


def _are_alike(environment_id: int, properties: Collection[str]) -> bool:
    known = set(
        db.session.scalars(
            select(Property.name).where(
                Property.environment_id == environment_id, Property.gone_at.is_(None)
            )
        )
    )
    named = set(properties) | known
    return not known or len(known & set(properties)) >= ALIKE * len(named)
