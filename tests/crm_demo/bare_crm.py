"""A CRM that does what docs/crm-developer.md says and nothing more: it has no look of its own."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from uuid import uuid4

import jwt
from flask import Flask, Response, request
from werkzeug.serving import BaseWSGIServer, make_server

from demo.crm.server import QuietHandler
from tests.crm_demo.fake_plugin import LAUNCH_SECRET

DOCS = (Path(__file__).parents[2] / "docs" / "crm-developer.md").read_text()
PAGE = """<!doctype html><html lang="nl"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Een CRM</title>
<link rel="stylesheet" href="/own.css"></head>
<body><main><h1>Zoë</h1>{embed}<p id="below">Daaronder.</p></main></body></html>"""


@dataclass
class BareCrm:
    """One page, its script, and the endpoint that signs; a test may give it a stylesheet."""

    plugin: str
    css: str = ""
    origin: str = ""
    server: BaseWSGIServer | None = None

    def start(self) -> None:
        """Serve on localhost: another site than a plugin on 127.0.0.1."""
        app = Flask(__name__, static_folder=None)
        app.add_url_rule("/", view_func=self._page)
        app.add_url_rule("/page.js", view_func=self._script)
        app.add_url_rule("/own.css", view_func=self._style)
        app.add_url_rule("/spotler-token", view_func=self._token, methods=["POST"])
        app.after_request(self._add_policy)
        server = make_server("localhost", 0, app, threaded=True, request_handler=QuietHandler)
        self.server, self.origin = server, f"http://localhost:{server.port}"
        Thread(target=lambda: server.serve_forever(poll_interval=0.05), daemon=True).start()

    def stop(self) -> None:
        """End."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()

    def _page(self) -> str:
        return PAGE.format(embed=self._documented("html"))

    def _script(self) -> Response:
        return Response(self._documented("js"), mimetype="text/javascript")

    def _style(self) -> Response:
        return Response(self.css, mimetype="text/css")

    def _token(self) -> str:
        asked = request.get_json()
        now = int(time.time())
        claims = {"aud": "spotler-plugin", "iat": now, "exp": now + 60, "jti": uuid4().hex,
                  "origin": self.origin, **asked}  # fmt: skip
        return jwt.encode(claims, LAUNCH_SECRET, "HS256", headers={"typ": "crm-launch+jwt"})

    def _add_policy(self, response: Response) -> Response:
        found = re.search(r"under a policy of\s+`([^`]+)`", DOCS)
        assert found is not None
        policy = f"default-src 'none'; connect-src 'self'; {found[1]}"
        response.headers["Content-Security-Policy"] = policy.replace("PLUGIN", self.plugin)
        return response

    def _documented(self, language: str) -> str:
        """The first example in that language."""
        found = re.search(rf"^```{language}\n(.*?)^```$", DOCS, re.DOTALL | re.MULTILINE)
        assert found is not None
        return found[1].replace("https://spotler.example.com", self.plugin)
