"""Lists that come in pages: `after` is an offset, `next` a URL (spotler-api.md §5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from spotler_plugin.spotler.answer import unexpected
from spotler_plugin.spotler.transport import Transport

MOST_PAGES = 400
"""Of one list: at a thousand rows a page several times what a hundred thousand contacts need."""


def pages(
    transport: Transport,
    path: str,
    *ids: str,
    rows: str,
    size: int,
    params: Mapping[str, str | int] | None = None,
) -> Iterator[list[Any]]:
    """Read page after page; `rows` is the key of the list, `size` what a full page holds.

    What a row is, the caller says: an odd one must not hide all others; a list that is left out, or
    null, is empty. Accepts `{paging, <rows>}`
    and, from 1.1.0, the bare array (§1.1 [C]). Of `next` only the offset is used, and only if it
    is on our host and moves on, because we build and sign each request ourselves. Without it the
    offset grows by the rows received, and a page that is not full is the last. Raises
    InvalidAnswer when a page repeats, or there is no end.
    """
    after = 0
    seen: set[tuple[str, str]] = set()
    for _ in range(MOST_PAGES):
        answer = transport.get(path, *ids, params={**(params or {}), "after": after})
        found, following = _unwrap(answer, rows, f"GET {path}")
        if not found:
            return
        ends = repr(found[0]), repr(found[-1])
        if ends in seen:  # The offset was ignored: without this we would ask on and on.
            raise unexpected(f"GET {path}", writes=False)
        seen.add(ends)
        yield found
        ahead = _offset(transport, following)
        if ahead is not None and ahead > after:
            after = ahead
        elif len(found) >= size:
            after += len(found)
        else:
            return
    raise unexpected(f"GET {path}", writes=False)


def _unwrap(answer: Any, rows: str, endpoint: str) -> tuple[list[Any], str | None]:
    if not isinstance(answer, dict):
        return _list(answer, endpoint), None
    paging = answer.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    found = [] if _is_empty(answer, rows) else _list(answer.get(rows), endpoint)
    return found, following if isinstance(following, str) and following else None


def _is_empty(answer: Mapping[str, Any], rows: str) -> bool:
    """Return whether a list is left out as it has no rows: SW requires none of the keys [D].

    An object with neither list nor paging is of another kind, such as an error.
    """
    return answer.get(rows) is None and answer.keys() <= {"paging", rows}


def _list(value: Any, endpoint: str) -> list[Any]:
    if not isinstance(value, list):
        raise unexpected(endpoint, writes=False)
    return value


def _offset(transport: Transport, following: str | None) -> int | None:
    if following is None:
        return None
    try:
        if not transport.is_ours(following):
            return None
        return int(parse_qs(urlsplit(following).query)["after"][0])
    except (KeyError, ValueError):
        return None
