"""Who was in Spotler before we came, for the administrator: how many, and with whom to look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Link, MirrorContact
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.account.client import is_in_use
from spotler_plugin.services.feed.state import find_feed
from spotler_plugin.services.link.there import is_there, is_untouched
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.services.pagination import SIZE, Page, within


@dataclass(frozen=True, slots=True)
class Known:
    """How many contacts Spotler has by the CRM's ids, without our doing."""

    linked: int
    """Those that are linked, and to whom nothing was written yet."""
    others: int
    """Those that have another address there, and are not linked."""
    is_looking: bool
    """Whether there may be more: not all were read and compared yet."""
    there: int = 0
    """Those whose address Spotler has, and that are not linked; nobody while that leads nowhere, as
    the key is refused, or another account's."""

    @property
    def all(self) -> int:
        return self.linked + self.others + self.there

    @property
    def to_link(self) -> int:
        """Those to whom something is to be written before they are what the CRM says."""
        return self.linked + self.there


@dataclass(frozen=True, slots=True)
class Other:
    """A contact that Spotler has with another address than the CRM."""

    contact_id: str
    name: str | None
    """By Spotler, as is the address."""
    address: str | None


def count_known(environment_id: int) -> Known:
    which = (is_untouched(environment_id), _is_other(environment_id), is_there(environment_id))
    linked, others, there = db.session.execute(
        select(*(select(func.count()).where(each).scalar_subquery() for each in which))
    ).one()
    row = find_feed(environment_id)
    is_seen = row is not None and row.known_at is not None and row.sought_at is not None
    in_use = is_in_use(environment_id)
    return Known(linked, others, not is_seen and in_use, there if in_use else 0)


def page_of_others(environment_id: int, number: int) -> Page[Other]:
    """Return a page of those with another address, for a person to look at each."""
    which = _is_other(environment_id)
    total = db.session.scalar(select(func.count()).select_from(Link).where(which)) or 0
    number = within(number, total)
    found = db.session.execute(
        select(Link.contact_id, MirrorContact.properties, MirrorContact.address)
        .outerjoin(
            MirrorContact,
            and_(
                MirrorContact.environment_id == environment_id,
                MirrorContact.external_id == Link.contact_id,
            ),
        )
        .where(which)
        .order_by(Link.id)
        .limit(SIZE)
        .offset((number - 1) * SIZE)
    )
    return Page([_other(*row) for row in found], number, total)


def _other(contact_id: str, properties: dict[str, Any] | None, address: str | None) -> Other:
    return Other(contact_id, name_of(properties or {}), address)


def _is_other(environment_id: int) -> ColumnElement[bool]:
    return and_(
        Link.environment_id == environment_id,
        Link.linked_at.is_(None),
        Link.problem == Reason.ID_OF_ANOTHER,
    )
