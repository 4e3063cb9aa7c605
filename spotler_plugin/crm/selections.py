"""Selections: the contacts that were ticked for a bulk mutation (crm-developer.md §5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spotler_plugin.crm.answer import unexpected
from spotler_plugin.crm.paging import pages
from spotler_plugin.crm.shapes import ids
from spotler_plugin.crm.transport import Transport

DEFAULT_LIMIT = 1000
MOST = 10_000_000
"""Contacts; no CRM has more, and a number that is larger is none."""
PATH = "selections/{}"


@dataclass(frozen=True, slots=True)
class SelectionPage:
    """Some ids of a selection, and how many the whole selection has."""

    total: int
    ids: tuple[str, ...]


class Selections:
    """The selections of one environment."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def ids(self, selection_id: str, *, limit: int = DEFAULT_LIMIT) -> Iterator[SelectionPage]:
        """Yield pages of at most `limit` contact ids; there is always a first page.

        Raises CrmError: NotFound for a selection that the CRM no longer has.
        """
        for answer in pages(self._transport, PATH, selection_id, params={"limit": limit}):
            total = answer.get("total")
            if not isinstance(total, int) or not 0 <= total <= MOST:
                raise unexpected(f"GET {PATH}", writes=False)
            yield SelectionPage(total, tuple(ids(answer, "ids", f"GET {PATH}")))
