"""How gunicorn serves the plugin: `gunicorn --config python:spotler_plugin.serving wsgi:app`.

gunicorn reads a request on the thread that answers it. In the field a proxy stands in front that
hands requests on once it has them whole (operator.md); what is here bounds what comes past it.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
from typing import Any

from spotler_plugin.config import Config, ConfigError
from spotler_plugin.version import VERSION

__all__ = [
    "control_socket_disable", "logger_class", "on_starting", "threads", "when_ready",
    "worker_class", "workers",
]  # fmt: skip

CANNOT_LOAD = 4
"""As gunicorn ends, and `wsgi`: systemd tries it no second time."""
SILENCE_SECONDS = 5
"""How long a client may be silent in the middle of a request, or may not take what we send."""

# Browsers keep idle connections open; a worker without threads would wait for each of them.
worker_class = "gthread"
threads = 8
workers = int(os.environ.get("WEB_CONCURRENCY") or "2")
logger_class = "spotler_plugin.logs.web_server.Logger"
control_socket_disable = True


def on_starting(_server: Any) -> None:
    """Say once what is wrong with the settings, before a worker is started for each of which."""
    try:
        Config.read(os.environ)
    except ConfigError as error:
        print(f"spotler-plugin cannot start: {error}", file=sys.stderr)  # noqa: T201 # nothing logs yet
        sys.exit(CANNOT_LOAD)


def when_ready(server: Any) -> None:
    """Let sockets give up on silent clients: what is accepted inherits it from what listens."""
    server.log.info("spotler-plugin %s", VERSION)
    limit = struct.pack("ll", SILENCE_SECONDS, 0)
    for listener in server.LISTENERS:
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, option, limit)
