"""Messages to the CRM that a response carries; static/widget/relay.js passes them on
(crm-developer.md §3).

They are in htmx's own header: `HX-Trigger: {"crm": [{"type": …, "payload": {…}}]}`.
"""

from __future__ import annotations

from typing import Literal

from flask import Flask, Response, g
from flask_htmx import make_response


def init_app(app: Flask) -> None:
    app.after_request(add_header)


def send(type: str, **payload: object) -> None:
    """Send a message to the CRM with this response."""
    g.setdefault("messages", []).append({"type": type, "payload": payload})


def toast(text: str, level: Literal["success", "info", "error"] = "success") -> None:
    send("toast", level=level, text=text)


def add_header(response: Response) -> Response:
    queued = g.get("messages")
    if queued and response.status_code < 400:
        response = make_response(response, trigger={"crm": queued})
    return response
