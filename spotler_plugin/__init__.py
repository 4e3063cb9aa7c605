"""A plugin that ties a CRM to Spotler Mail+; `create_app` builds it."""

from __future__ import annotations

import os

# RQ reads this when it is imported: its keys too begin with the name of the plugin.
os.environ["RQ_KEY_PREFIX"] = "spotler_plugin:rq"

from flask import Flask
from jinja2 import StrictUndefined

from spotler_plugin import blueprints, commands, embedding, errors, logs, models, translation
from spotler_plugin.config import Config, ConfigError
from spotler_plugin.extensions import (
    cipher,
    db,
    htmx,
    make_folder,
    migrate,
    prepare_postgresql,
    prepare_sqlite,
    redis_server,
)

__all__ = ["create_app", "models"]


def create_app(config: Config | None = None) -> Flask:
    """Build the application; without `config` the environment variables are read and checked."""
    config = config or Config.read(os.environ)
    app = Flask(__name__)
    config.init_app(app)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=config.database_url,
        # What a failing statement was given are names and addresses: not for the logs.
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},
        # A widget's form is small; an event is at most 20 kB (crm-developer.md §4).
        MAX_CONTENT_LENGTH=256 * 1024,
    )
    # A name that a template expects and did not get is an error, not an empty place.
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    cipher.use(config.cipher, config.secret_keys)
    redis_server.connect(config.redis_url)
    is_sqlite = config.database_url.startswith("sqlite")
    if is_sqlite:
        try:
            make_folder(config.database_url, app.instance_path)
        except OSError as error:
            said = f"DATABASE_URL: its folder cannot be made by this user ({error.strerror})."
            raise ConfigError(said) from error
    for extension in (db, migrate, htmx):
        extension.init_app(app)
    with app.app_context():
        (prepare_sqlite if is_sqlite else prepare_postgresql)(db.engine)

    for part in (logs, translation, embedding, errors, blueprints, commands):
        part.init_app(app)
    return app
