"""Where calls go: the base of the API, ids as path segments, a query that is encoded once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlencode, urljoin, urlsplit


class BaseUrl:
    """The base of an API, such as `https://restapi.mailplus.nl/integrationservice`."""

    def __init__(self, base: str, *, plain: str = "") -> None:
        """`plain`: characters that a query may hold unencoded. Raises ValueError for no URL."""
        if urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).hostname:
            raise ValueError("The base of the API is a http or https URL.")
        self._base = base.rstrip("/") + "/"
        self._plain = plain

    @property
    def host(self) -> str:
        """Name of the host, without port and path."""
        return urlsplit(self._base).hostname or ""

    def of(
        self, path: str, ids: Sequence[str], params: Mapping[str, str | int] | None = None
    ) -> str:
        """Return the URL of a path template such as `contact/{}`.

        Raises ValueError for an id that cannot be a path segment.
        """
        # Dots would be taken for "this folder" and "the folder above", also when encoded.
        if any(each in ("", ".", "..") for each in ids):
            raise ValueError("An id in a path is empty, or nothing but dots.")
        url = self._base + path.format(*(quote(each, safe="") for each in ids))
        return url + ("?" + urlencode(params, quote_via=quote, safe=self._plain) if params else "")

    def covers(self, url: str) -> bool:
        """Return whether a URL in an answer, also a relative one, is on the host that we call."""
        return _origin(urljoin(self._base, url)) == _origin(self._base)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
