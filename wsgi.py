"""The web's entrance: `gunicorn wsgi:app`, and `flask --app wsgi …` for the commands."""

import sys

from spotler_plugin import create_app
from spotler_plugin.config import ConfigError

try:
    app = create_app()
except ConfigError as error:
    sys.exit(f"spotler-plugin cannot start: {error}")
