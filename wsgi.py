"""The web's entrance: `gunicorn wsgi:app`, and `flask --app wsgi …` for the commands."""

import sys

from spotler_plugin import create_app
from spotler_plugin.config import ConfigError

# What gunicorn ends itself for; for another one it would start the worker again, for ever.
CANNOT_LOAD = 4

try:
    app = create_app()
except ConfigError as error:
    print(f"spotler-plugin cannot start: {error}", file=sys.stderr)  # noqa: T201 # nothing logs yet
    sys.exit(CANNOT_LOAD)
