"""A plugin that ties a CRM to Spotler Mail+; `create_app` builds it."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined

from spotler_plugin import blueprints, commands, embedding, errors, logs, models, translation
from spotler_plugin.config import Config
from spotler_plugin.extensions import bell, cipher, db, htmx, migrate, prepare_sqlite

__all__ = ["create_app", "models"]


def create_app(config: Config | None = None) -> Flask:
    """Build the application; without `config` the environment variables are read and checked."""
    config = config or Config.read(os.environ)
    app = Flask(__name__)
    app.config.update(
        BRAKE_COUNT=config.brake_count,
        BRAKE_SHARE=config.brake_share,
        CIPHER=config.cipher,
        FEED_SECONDS=config.feed_seconds,
        LOG_LEVEL=config.log_level,
        METRICS_TOKEN=config.metrics_token,
        PUBLIC_URL=config.public_url,
        REDIS_URL=config.redis_url,
        RETRY_SECONDS=config.retry_seconds,
        SPOTLER_CALLS_PER_SECOND=config.spotler_calls_per_second,
        SPOTLER_PARALLEL_CALLS=config.spotler_parallel_calls,
        SPOTLER_URL=config.spotler_url,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        # What a failing statement was given are names and addresses: not for the logs.
        SQLALCHEMY_ENGINE_OPTIONS={"hide_parameters": True},
        # A widget's form is small; an event is at most 20 kB (crm-developer.md §4).
        MAX_CONTENT_LENGTH=256 * 1024,
    )
    # A name that a template expects and did not get is an error, not an empty place.
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    for extension in (cipher, bell, db, htmx):
        extension.init_app(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parent / "migrations"))
    if config.database_url.startswith("sqlite"):
        with app.app_context():
            prepare_sqlite(db.engine)

    for part in (logs, translation, embedding, errors, blueprints, commands):
        part.init_app(app)
    return app
