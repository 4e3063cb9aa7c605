"""How gunicorn serves the plugin: `gunicorn --config python:spotler_plugin.serving wsgi:app`."""

from __future__ import annotations

import os

__all__ = ["control_socket_disable", "logger_class", "threads", "worker_class", "workers"]

# Browsers keep idle connections open; a worker without threads would wait for each of them.
worker_class = "gthread"
threads = 8
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
logger_class = "spotler_plugin.logs.web_server.Logger"
control_socket_disable = True
