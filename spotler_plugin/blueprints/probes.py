"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from spotler_plugin.extensions import db, redis_server

blueprint = Blueprint("health", __name__)
log = get_logger()


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    checks = {"database": _database(), "queue": _queue()}
    well = all(checks.values())
    body = {name: "ok" if reached else "unreachable" for name, reached in checks.items()}
    return jsonify(body), HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE


def _database() -> bool:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        log.error("ready.database", error=type(error).__name__)
        return False
    return True


def _queue() -> bool:
    try:
        return bool(redis_server.queue.ping())
    except RedisError as error:
        log.error("ready.queue", error=type(error).__name__)
        return False
