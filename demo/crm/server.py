"""A server for the demo CRM: for the command line, and for tests in a thread."""

from threading import Thread
from types import TracebackType

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from demo.crm.app import create_app
from demo.crm.crm import Crm
from demo.crm.events import Sender
from demo.crm.settings import Settings


class QuietHandler(WSGIRequestHandler):
    """Serves without logging each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


class DemoCrm:
    """A running demo CRM: `with DemoCrm(Settings(...)) as crm: crm.origin`.

    Port 0 takes a free one. The settings may be changed while it runs, so a test can
    register `crm.origin` and `crm.api_url` with the plugin first and fill in the secrets then.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        host: str = "localhost",
        port: int = 0,
        app: Flask | None = None,
    ) -> None:
        """`app` is one that served another CRM, which is over: to make one takes a while."""
        self.settings = settings or Settings()
        self.data = Crm.open(self.settings)
        self.app = app or create_app(self.data)
        self.app.extensions["crm"] = self.data
        self._server: BaseWSGIServer = make_server(
            host, port, self.app, threaded=True, request_handler=QuietHandler
        )
        # People and plugin reach the CRM as localhost, wherever it listens: that makes it
        # another site than a plugin on 127.0.0.1.
        shown = "localhost" if host in ("localhost", "0.0.0.0", "127.0.0.1") else host
        self.origin = f"http://{shown}:{self._server.port}"
        self.settings.origin = self.origin
        self._thread = Thread(target=self._serve, name="crm", daemon=True)
        self._sender = Sender(self.data.outbox, self.settings)

    @property
    def api_url(self) -> str:
        """The base URL of the CRM's API, as the operator registers it."""
        return f"{self.origin}/api"

    def _serve(self) -> None:
        # Checks every 10 ms whether to stop.
        self._server.serve_forever(poll_interval=0.01)

    def start(self) -> None:
        """Serve requests and send events."""
        self._thread.start()
        self._sender.start()

    def stop(self) -> None:
        """Stop serving and sending, and close the database."""
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()
        self._sender.stop()
        self.data.store.close()

    def __enter__(self) -> "DemoCrm":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
