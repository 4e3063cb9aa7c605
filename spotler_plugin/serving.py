"""How gunicorn serves the plugin: `gunicorn --config python:spotler_plugin.serving wsgi:app`.

gunicorn reads a request on the thread that answers it. In the field a proxy stands in front that
hands requests on once it has them whole (operator.md); what is here bounds what comes past it.
"""

from __future__ import annotations

import os
import socket
import struct
from typing import Any

__all__ = [
    "control_socket_disable", "logger_class", "threads", "when_ready", "worker_class", "workers"
]  # fmt: skip

SILENCE_SECONDS = 5
"""How long a client may be silent in the middle of a request, or may not take what we send."""

# Browsers keep idle connections open; a worker without threads would wait for each of them.
worker_class = "gthread"
threads = 8
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
logger_class = "spotler_plugin.logs.web_server.Logger"
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Let sockets give up on silent clients: what is accepted inherits it from what listens."""
    limit = struct.pack("ll", SILENCE_SECONDS, 0)
    for listener in server.LISTENERS:
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, option, limit)
