"""Mails that were sent to a contact (spotler-api.md §2.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Literal

from spotler_plugin.rest.shapes import maps, text
from spotler_plugin.spotler.errors import NotFound
from spotler_plugin.spotler.paging import pages
from spotler_plugin.spotler.shapes import moment
from spotler_plugin.spotler.transport import Transport

Kind = Literal["mailing", "campaign"]

SOURCES: tuple[tuple[Kind, str, str, str], ...] = (
    ("mailing", "contact/{}/mailings", "mailingHistories", "mailing"),
    ("campaign", "contact/{}/campaign-mailings", "campaignMailingHistories", "campaignMailing"),
)
PAGE = 50
"""Fixed by Spotler for these two calls (§5 [D])."""
MOST_PAGES = 10

LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail to the contact. Mail of the newer automations may be missing (§2.8 [U])."""

    name: str
    kind: Kind
    sent_at: datetime | None
    opened: bool
    clicked: bool
    bounced: bool


class Mailings:
    """The mail of one account."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def history(self, external_id: str, limit: int = 50) -> list[Sent]:
        """Return the newest mails to a contact, newest first; empty if Spotler has no such contact.

        Raises SpotlerError.
        """
        found = [
            sent
            for kind, path, rows, name in SOURCES
            for sent in self._read(external_id, limit, kind, path, rows, name)
        ]
        return sorted(found, key=_sent_at, reverse=True)[:limit]

    def _read(
        self, external_id: str, limit: int, kind: Kind, path: str, rows: str, name: str
    ) -> list[Sent]:
        """Read pages until there are enough, if the newest come first; else read up to a limit.

        The order is not documented (§5 [U]).
        """
        found: list[Sent] = []
        history = pages(self._transport, path, external_id, rows=rows, size=PAGE)
        try:
            for page in islice(history, MOST_PAGES):
                found += [_sent(raw, kind, name) for raw in maps(page)]
                if len(found) >= limit and _sent_at(found[0]) > _sent_at(found[-1]):
                    break
        except NotFound:
            return []
        return found


def _sent_at(sent: Sent) -> datetime:
    return sent.sent_at or LONG_AGO


def _sent(raw: dict[str, Any], kind: Kind, name: str) -> Sent:
    mailing = raw.get(name)
    return Sent(
        name=text(mailing.get("name")) if isinstance(mailing, dict) else "",
        kind=kind,
        sent_at=moment(raw.get("sentDate")),
        opened=bool(raw.get("opened")),
        clicked=bool(raw.get("clicked")),
        bounced=bool(raw.get("bounce")),
    )
