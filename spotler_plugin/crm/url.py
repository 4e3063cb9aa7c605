"""Where calls go: the base of the API, ids as path segments, a query that is encoded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode, urlsplit


class BaseUrl:
    """The base of an environment's CRM API."""

    def __init__(self, base: str) -> None:
        if urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).hostname:
            raise ValueError("The base of the API is a http or https URL.")
        self._base = base.rstrip("/") + "/"

    @property
    def host(self) -> str:
        """Name of the host, without port and path."""
        return urlsplit(self._base).hostname or ""

    def of(
        self, path: str, ids: Sequence[str], params: Mapping[str, str | int] | None = None
    ) -> str:
        """Return the URL of a path template such as `relations/{}`.

        Raises ValueError for an id that cannot be a path segment.
        """
        # Dots would be taken for "this folder" and "the folder above", also when encoded.
        if any(each in ("", ".", "..") for each in ids):
            raise ValueError("An id in a path is empty, or nothing but dots.")
        url = self._base + path.format(*(quote(each, safe="") for each in ids))
        # A hundred GUIDs with encoded commas would pass the 4 kB that many servers take.
        return url + ("?" + urlencode(params, quote_via=quote, safe=",") if params else "")
