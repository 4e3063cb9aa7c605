"""The answers of nearly every call: JSON, or nothing."""

import json
from typing import Any

from werkzeug import Response

_encode = json.JSONEncoder(ensure_ascii=False).encode


def json_answer(payload: Any, status: int = 200) -> Response:
    """Answer with JSON; no charset in the content type, as in spotler-api.md §1.2 [C]."""
    return Response(_encode(payload), status, content_type="application/json")


def no_content() -> Response:
    """Answer 204 with an empty body."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response
