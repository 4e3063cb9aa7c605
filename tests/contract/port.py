"""An application on a real port: each request on a thread of its own, as in production."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from flask import Flask
from werkzeug.serving import make_server

from demo.crm.server import QuietHandler


@contextmanager
def on_a_port(app: Flask, host: str = "127.0.0.1") -> Iterator[str]:
    """Serve it; give its origin."""
    server = make_server(host, 0, app, threaded=True, request_handler=QuietHandler)
    thread = Thread(target=lambda: server.serve_forever(poll_interval=0.05), daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
