"""Pages of lists: ``after`` is an offset, ``next`` an absolute URL (spotler-api.md §5)."""

from collections.abc import Iterable
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import urlencode

from demo.spotler.digits import whole_number
from demo.spotler.errors import invalid_params
from demo.spotler.request import Request
from demo.spotler.settings import Settings

DEFAULT_SIZE = 1000
MOST = 10_000
HISTORY_SIZE = 50
LARGEST = 2**31 - 1
"""``after`` and ``pageSize`` are int32 [D]."""
INSIDE = "http://backend.mailplus.internal:8080"
T = TypeVar("T")


def _number(request: Request, name: str, default: int) -> int:
    text = request.args.get(name, "")
    if not text:
        return default
    number = whole_number(text)
    if number is None or number > LARGEST:
        raise invalid_params(f"Parameter {name} is not a number: {text}")
    return number


def page_size(settings: Settings, request: Request, *, required: bool = False) -> int:
    """The size asked for, at most 10,000; what a larger one does is unknown [U].

    Required on the unversioned base [D], not on 1.1.0 (§5 [C]).
    """
    if required and not request.legacy and "pageSize" not in request.args:
        raise invalid_params("Parameter pageSize is required")
    size = _number(request, "pageSize", DEFAULT_SIZE)
    if size < 1:
        raise invalid_params("Parameter pageSize must be positive")
    if size > MOST and settings.large_pages == "refuse":
        raise invalid_params(f"Parameter pageSize is at most {MOST}")
    return min(size, MOST)


def cut(
    settings: Settings, request: Request, items: Iterable[T], size: int
) -> tuple[list[T], dict[str, Any]]:
    """One page of the items, and the paging object."""
    after = _number(request, "after", 0)
    found = list(islice(items, after, after + size + 1))
    is_last = len(found) <= size
    following = after + min(size, len(found))
    paging: dict[str, Any] = {"after": after if settings.paging_after == "this" else following}
    if not is_last or settings.next_after_last == "beyond":
        paging["next"] = _url_with(settings, request, after=following, pageSize=size)
    elif settings.next_after_last == "empty":
        paging["next"] = ""
    return found[:size], paging


def _url_with(settings: Settings, request: Request, **changes: object) -> str:
    """The request's absolute URL, with some query parameters replaced; unsigned."""
    kept = {name: value for name, value in request.args.items() if not name.startswith("oauth_")}
    url = request.signed_url
    if settings.next_host == "inside":
        url = f"{INSIDE}{request.root_path}{request.path}"
    return f"{url}?{urlencode(kept | changes)}"
