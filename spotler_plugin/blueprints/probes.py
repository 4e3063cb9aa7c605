"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from spotler_plugin.extensions import db, redis_server
from spotler_plugin.sql import trouble_of

blueprint = Blueprint("health", __name__)
WELL = "ok"

log = get_logger()


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    found = {"database": _database(), "queue": _queue()}
    well = all(each == WELL for each in found.values())
    return jsonify(found), HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE


def _database() -> str:
    """Write and commit, because a full disk and a read-only server can be read all right."""
    try:
        db.session.execute(text("UPDATE alembic_version SET version_num = version_num"))
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        log.error("ready.database", error=type(error).__name__)
        return trouble_of(error) or "without tables"
    return WELL


def _queue() -> str:
    try:
        redis_server.check()
    except (RedisConnectionError, RedisTimeoutError) as error:
        log.error("ready.queue", error=type(error).__name__)
        return "unreachable"
    except RedisError as error:
        log.error("ready.queue", error=type(error).__name__)
        return "takes no writes"
    return WELL
