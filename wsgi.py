"""The web's entrance: `gunicorn wsgi:app`, and `flask --app wsgi …` for the commands."""

import gc
import sys

# What is loaded here stays until the end. To look through it for garbage takes a fifth of a start;
# later it would take its time of each request, and copy it in each process that a worker forks.
gc.disable()

from spotler_plugin import create_app  # noqa: E402 # it is what is loaded
from spotler_plugin.config import ConfigError  # noqa: E402 # it is what is loaded

# What gunicorn ends itself for; for another one it would start the worker again, for ever.
CANNOT_LOAD = 4

try:
    app = create_app()
except ConfigError as error:
    print(f"spotler-plugin cannot start: {error}", file=sys.stderr)  # noqa: T201 # nothing logs yet
    sys.exit(CANNOT_LOAD)

gc.freeze()
gc.enable()
