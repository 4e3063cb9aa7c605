"""A session as the widget's script gets it."""

from __future__ import annotations

import json
import re
from typing import Any

from flask.testing import FlaskClient


def data_block(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="session">(.*?)</script>', page)
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


def open_session(client: FlaskClient, token: str) -> dict[str, str]:
    """Launch, and return the headers that htmx sends from then on."""
    answer = client.post("/launch", data={"token": token})
    assert answer.status_code == 200, answer.text
    session = data_block(answer.text)["session"]
    return {"Authorization": f"Bearer {session}", "HX-Request": "true"}
