"""Whether the process lives, and whether it can do its work."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from spotler_plugin.services.readiness.stores import (
    database_trouble,
    keys_trouble,
    queue_trouble,
)
from spotler_plugin.version import VERSION

blueprint = Blueprint("health", __name__)
WELL = "ok"


@blueprint.get("/healthz")
def alive() -> ResponseReturnValue:
    return jsonify(status="ok", version=VERSION)


@blueprint.get("/readyz")
def ready() -> ResponseReturnValue:
    found = {"database": database_trouble() or WELL, "queue": queue_trouble() or WELL}
    if found["database"] == WELL:
        found["keys"] = keys_trouble() or WELL
    well = all(each == WELL for each in found.values())
    return jsonify(found), HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
