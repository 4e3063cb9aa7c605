"""The admin widget as a person uses it: launched, then asked for its fragments."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class Widget:
    client: FlaskClient
    page: str
    session: str

    @classmethod
    def launch(cls, client: FlaskClient, token: str) -> Widget:
        answer = client.post("/launch", data={"token": token})
        assert answer.status_code == 200, answer.text
        found = re.search(r'"session": ?"([^"]+)"', answer.text)
        assert found is not None
        return cls(client, answer.text, found[1])

    def ask(self, verb: str, url: str, **form: Any) -> TestResponse:
        """A request as htmx sends it."""
        headers = {"Authorization": f"Bearer {self.session}", "HX-Request": "true"}
        return self.client.open(url, method=verb, headers=headers, data=form)

    def get(self, url: str) -> TestResponse:
        return self.ask("GET", url)


def words(answer: TestResponse) -> str:
    """What a person reads."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())
