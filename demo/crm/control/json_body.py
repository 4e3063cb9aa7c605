"""The body of a test's request."""

from typing import Any

from flask import request


def json_body() -> dict[str, Any]:
    """Return the JSON object of the request, or an empty one."""
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}
