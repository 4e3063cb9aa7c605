"""gunicorn's own lines in our format: `--logger-class spotler_plugin.logs.web_server.Logger`."""

from __future__ import annotations

import sys
from typing import Any

from gunicorn import glogging

from spotler_plugin.logs.lines import formatter


class Logger(glogging.Logger):  # type: ignore[misc] # gunicorn ships no types
    """Also for gunicorn's master process, which never loads the application."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(formatter())

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """Log a mistake; a client that was silent for too long is none (`serving`)."""
        tell = self.debug if isinstance(sys.exception(), BlockingIOError) else super().exception
        tell(msg, *args, **kwargs)

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> Any:
        """Return the parts of an access log line, without the query."""
        kept = {**environ, "RAW_URI": environ.get("PATH_INFO", ""), "QUERY_STRING": ""}
        return super().atoms(resp, req, kept, request_time)
