"""The test client: a server's ways, and a check of all that is answered."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from spotler_plugin.extensions import db
from tests.blueprints.markup import faults


class Client(FlaskClient):
    """Each request gets a context of its own and finds what the test wrote; all HTML is checked."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        db.session.commit()
        with self.application.app_context():
            answer = super().open(*args, **kwargs)
        if answer.mimetype == "text/html":
            assert faults(answer.text) == []
        return answer
