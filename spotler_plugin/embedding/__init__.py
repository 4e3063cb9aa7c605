"""Embed our widgets in the CRM's pages: launch token → session → `g.session`; headers.

A view that acts for a person begins with `@require(widget, permission)` and gets the `Session`;
there is no other way to get one. Messages to the CRM go through `messages`.
"""

from __future__ import annotations

from flask import Flask

from spotler_plugin.embedding import frame, messages
from spotler_plugin.embedding.launch_token import lang_of, unverified_claims, verify
from spotler_plugin.embedding.own_tab import enter_tab, seal_for_tab
from spotler_plugin.embedding.refusal import LaunchRefused
from spotler_plugin.embedding.session import (
    LIFE_SECONDS,
    NotAllowed,
    Permission,
    Session,
    SessionExpired,
    SessionRefused,
    bearer,
    data_for_script,
    enter,
    read,
    require,
    seal,
)

HTMX_CONFIG = {
    "allowEval": False,
    # Without `style`: we use none, and the policy would refuse to copy one.
    "attributesToSettle": ["class"],
    "historyEnabled": False,
    "historyCacheSize": 0,
    "refreshOnHistoryMiss": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "ignoreTitle": True,
    # Longer than the slowest answer: reading Spotler and the CRM freshly.
    "timeout": 40_000,
    # htmx by itself swaps no errors in; ours are made to be shown (errors.py).
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "[23]..", "swap": True},
        {"code": "401", "swap": False, "error": True},
        {"code": "422", "swap": True},
        {"code": "[45]..", "swap": True, "error": True},
    ],
}
"""For the layout's `htmx-config`."""

__all__ = [
    "LIFE_SECONDS",
    "LaunchRefused",
    "NotAllowed",
    "Permission",
    "Session",
    "SessionExpired",
    "SessionRefused",
    "bearer",
    "data_for_script",
    "enter",
    "enter_tab",
    "lang_of",
    "messages",
    "read",
    "require",
    "seal",
    "seal_for_tab",
    "unverified_claims",
    "verify",
]


def init_app(app: Flask) -> None:
    frame.init_app(app)
    messages.init_app(app)
    app.jinja_env.globals["htmx_config"] = HTMX_CONFIG
