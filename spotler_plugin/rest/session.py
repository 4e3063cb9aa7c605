"""Sessions of `requests` that take nothing from their surroundings and follow nobody."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from spotler_plugin.rest.connection import POOLS

# urllib3 writes URLs into the log, and the URL of a search holds an address.
logging.getLogger("urllib3").setLevel(logging.ERROR)

Sign = Callable[[requests.PreparedRequest], requests.PreparedRequest]


class _Session(requests.Session):
    """A session that never looks where a redirect leads: it would read its body for that."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


class _Adapter(HTTPAdapter):
    """The adapter over our own connections."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS


def new_session(sign: Sign | None, headers: Mapping[str, str]) -> requests.Session:
    """Return a session with these credentials: a signature on each request, or headers."""
    session = _Session()
    session.auth = sign
    session.headers.update({"Accept": "application/json", "User-Agent": "spotler-plugin"})
    session.headers.update(headers)
    session.trust_env = False  # No proxy, .netrc or certificates from the surroundings.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # Whether to try again is for the caller to decide, who knows the error; and urllib3 would
    # send the same nonce and signature once more.
    adapter = _Adapter(max_retries=0, pool_connections=1, pool_maxsize=16)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session
