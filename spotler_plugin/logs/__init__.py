"""Structured logs: one JSON object a line, with ids, without names, addresses or secrets.

Our own events and those of libraries are written by `lines`. Ids are bound to the context, so that
each line has them: `request` and `environment` in the web, `job`, `task`, `environment`, `run` and
`preview` in a worker.
"""

from __future__ import annotations

import re
from uuid import uuid4

from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from spotler_plugin.config import settings_of
from spotler_plugin.logs import lines

HEADER = "X-Request-Id"


def init_app(app: Flask) -> None:
    lines.set_up(settings_of(app).log_level)
    app.before_request(begin)
    app.after_request(tell)
    app.teardown_request(end)


def begin() -> None:
    """Give the request an id, or take the one that the proxy in front gave it."""
    given = request.headers.get(HEADER, "")
    g.request_id = given if re.fullmatch(r"[A-Za-z0-9-]{8,64}", given) else uuid4().hex
    # Whatever this thread did before is not what the request is about.
    clear_contextvars()
    bind_contextvars(request=g.request_id)


def tell(response: Response) -> Response:
    """Return the request's id in a header, so that it can be found in the log."""
    if "request_id" in g:
        response.headers[HEADER] = g.request_id
    return response


def end(_error: BaseException | None) -> None:
    """Clear the bound ids, because the thread serves another request next."""
    clear_contextvars()
