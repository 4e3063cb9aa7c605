"""A plugin that does nothing but talk: it serves the real embed script and its look, and answers
launches."""

from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from standardwebhooks import Webhook, WebhookVerificationError
from werkzeug.serving import BaseWSGIServer, make_server

from demo.crm.server import QuietHandler

HERE = Path(__file__).parent
EMBED = {
    "spotler-embed.js": "text/javascript",
    "spotler-embed.css": "text/css",
}
STATIC = HERE.parents[1] / "spotler_plugin" / "static"
LAUNCH_SECRET = "launch-secret-of-the-tests-32-bytes-long"
EVENTS_SECRET = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
API_TOKEN = "api-token-of-the-tests"
PAGE = """<!doctype html><html lang="nl"><head><title>Widget</title>
<script src="/static/fake_widget.js" defer></script></head>
<body data-parent="{origin}" data-channel="{channel}" data-widget="{widget}" data-resource="{id}">
<h1>{widget}</h1><output></output></body></html>"""


@dataclass
class FakePlugin:
    """What arrived, and how to answer."""

    launches: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    actions: list[dict[str, str]] | None = None
    statuses: dict[str, str] | None = None
    refuse_launches: bool = False
    origin: str = ""
    server: BaseWSGIServer | None = None

    def start(self) -> None:
        """Serve on 127.0.0.1: another site than the CRM's localhost."""
        server = make_server(
            "127.0.0.1", 0, self._app(), threaded=True, request_handler=QuietHandler
        )
        self.server, self.origin = server, f"http://127.0.0.1:{server.port}"
        Thread(target=lambda: server.serve_forever(poll_interval=0.05), daemon=True).start()

    def stop(self) -> None:
        """End."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()

    def _app(self) -> Flask:
        app = Flask(__name__, static_folder=None)
        app.add_url_rule("/static/<name>", view_func=self._static)
        app.add_url_rule("/launch", view_func=self._launch, methods=["POST"])
        app.add_url_rule("/events/<environment>", view_func=self._event, methods=["POST"])
        app.add_url_rule("/api/v1/automatic-actions", view_func=self._actions)
        app.add_url_rule("/api/v1/contacts/statuses", view_func=self._statuses, methods=["POST"])
        return app

    def _static(self, name: str) -> ResponseReturnValue:
        folder = STATIC if name in EMBED else HERE
        return Response((folder / name).read_bytes(), mimetype=EMBED.get(name, "text/javascript"))

    def _launch(self) -> ResponseReturnValue:
        token = request.form["token"]
        claims = jwt.decode(token, LAUNCH_SECRET, algorithms=["HS256"], audience="spotler-plugin")
        self.launches.append(claims)
        if self.refuse_launches:
            return "<p>Geen toegang</p>", 403
        return PAGE.format(
            origin=claims["origin"],
            channel=claims["channel"],
            widget=claims["widget"],
            id=claims["resource"]["id"],
        )

    def _event(self, environment: str) -> ResponseReturnValue:
        self.attempts.append(request.headers["webhook-id"])
        if self.answers and (status := self.answers.pop(0)) != 202:
            return "", status
        try:
            body = Webhook(EVENTS_SECRET).verify(request.get_data(), dict(request.headers))
        except WebhookVerificationError:
            return "", 401
        self.events.append(body | {"environment": environment})
        return "", 202

    def _statuses(self) -> ResponseReturnValue:
        if self.statuses is None or request.headers["Authorization"] != f"Bearer {API_TOKEN}":
            return "", 404
        body = request.get_json()
        return jsonify(
            statuses={id_: {"status": self.statuses.get(id_, "not_synced")} for id_ in body["ids"]}
        )

    def _actions(self) -> ResponseReturnValue:
        if self.actions is None or request.headers["Authorization"] != f"Bearer {API_TOKEN}":
            return "", 404
        return jsonify(actions=self.actions)
