"""What gunicorn reads by itself when it starts in a checkout."""

from spotler_plugin.serving import (
    control_socket_disable,
    logger_class,
    on_starting,
    threads,
    when_ready,
    worker_class,
    workers,
)

__all__ = [
    "control_socket_disable", "logger_class", "on_starting", "threads", "when_ready",
    "worker_class", "workers",
]  # fmt: skip
