"""Lists that come in pages: `after` is an offset, `next` a URL (spotler-api.md §5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from spotler_plugin.spotler.answer import unexpected
from spotler_plugin.spotler.shapes import objects
from spotler_plugin.spotler.transport import Transport


def pages(
    transport: Transport,
    path: str,
    *ids: str,
    rows: str,
    size: int,
    params: Mapping[str, str | int] | None = None,
) -> Iterator[list[dict[str, Any]]]:
    """Read page after page; `rows` is the key of the list, `size` what a full page holds.

    Accepts `{paging, <rows>}` and, from 1.1.0, the bare array (§1.1 [C]). Of `next` only the
    offset is used, and only if it is on our host and moves on, because we build and sign each
    request ourselves. Without it the offset grows by the rows received, and a page that is not
    full is the last.
    """
    after, previous = 0, None
    while True:
        answer = transport.get(path, *ids, params={**(params or {}), "after": after})
        found, following = _unwrap(answer, rows, f"GET {path}")
        if not found:
            return
        if found == previous:  # The offset was ignored: without this we would ask forever.
            raise unexpected(f"GET {path}", writes=False)
        yield found
        ahead = _offset(transport, following)
        if ahead is not None and ahead > after:
            after = ahead
        elif len(found) >= size:
            after += len(found)
        else:
            return
        previous = found


def _unwrap(answer: Any, rows: str, endpoint: str) -> tuple[list[dict[str, Any]], str | None]:
    if not isinstance(answer, dict):
        return objects(answer, endpoint), None
    paging = answer.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    found = objects(answer.get(rows), endpoint)
    return found, following if isinstance(following, str) and following else None


def _offset(transport: Transport, following: str | None) -> int | None:
    if following is None:
        return None
    try:
        if not transport.is_ours(following):
            return None
        return int(parse_qs(urlsplit(following).query)["after"][0])
    except (KeyError, ValueError):
        return None
