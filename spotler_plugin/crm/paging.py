"""Lists that come in pages: `next` is a cursor to send back as `after`, or null."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spotler_plugin.crm.answer import unexpected
from spotler_plugin.crm.errors import Endless
from spotler_plugin.crm.transport import Transport

MOST_PAGES = 400
"""Of one list: at 500 rows a page twice what a hundred thousand contacts need."""


def pages(
    transport: Transport, path: str, *ids: str, params: Mapping[str, str | int]
) -> Iterator[dict[str, Any]]:
    """Yield answers until there is no `next`.

    Raises Endless when a cursor comes back, or there is no end.
    """
    asked = dict(params)
    used: set[str] = set()
    for _ in range(MOST_PAGES):
        answer = transport.get(path, *ids, params=asked)
        if not isinstance(answer, dict):
            raise unexpected(f"GET {path}", writes=False)
        yield answer
        cursor = answer.get("next")
        if cursor in (None, ""):
            return
        if str(cursor) in used:
            raise Endless(f"GET {path}: the pages go round in a circle.")
        used.add(str(cursor))
        asked["after"] = str(cursor)
    raise Endless(f"GET {path}: more than {MOST_PAGES} pages.")
