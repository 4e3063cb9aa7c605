"""Headers of every response, and the refusal of cross-site requests."""

from __future__ import annotations

from flask import Flask, Response, g, request

from spotler_plugin.config import settings
from spotler_plugin.extensions import SAFE_METHODS
from spotler_plugin.models import Environment

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)

FEATURES = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"

FROM_ELSEWHERE = frozenset({"launch.launch"})
"""Endpoints that the CRM's page posts to."""
IN_A_TAB = frozenset({"consent_log.sheet"})
"""Endpoints that a form of ours opens in a tab. Who tells no referrer names no origin with a form
either; that the form is ours, its token says."""


class CrossSite(Exception):
    """A browser says that this request comes from another site's page."""


def init_app(app: Flask) -> None:
    app.before_request(refuse_cross_site)
    app.after_request(add_headers)


def show_to(environment: Environment) -> None:
    """Let the environment's pages, and no others, frame what this request answers."""
    g.ancestors = environment.crm_origins


def refuse_cross_site() -> None:
    """Refuse cross-site requests, though there is no cookie to abuse (crm-developer.md §2)."""
    if request.method in SAFE_METHODS or request.endpoint in FROM_ELSEWHERE:
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise CrossSite
    expected = {settings().public_url} | ({"null"} if request.endpoint in IN_A_TAB else set())
    if not expected.issuperset(request.headers.getlist("Origin")):
        raise CrossSite


def add_headers(response: Response) -> Response:
    # A cache of widgets would show one user's contact to another.
    response.headers.setdefault("Cache-Control", "no-store")
    # The widget shows only answers with this header, not the error page of a proxy.
    response.headers["Answered-By"] = "spotler-plugin"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Permissions-Policy"] = FEATURES
    response.headers["Content-Security-Policy"] = POLICY.format(ancestors=_ancestors())
    return response


def _ancestors() -> str:
    """Return exactly the environment's registered origins; none where no environment is known."""
    return " ".join(g.get("ancestors", ())) or "'none'"
