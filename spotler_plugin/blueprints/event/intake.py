"""`POST /events/<key>`: what the CRM tells us; answered as soon as it is stored.

All answers are JSON or empty. Who did not sign is told nothing but that: neither what is wrong with
the body, nor whether the environment is disabled.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.jobs import event as event_jobs
from spotler_plugin.services import environment as environments
from spotler_plugin.services.event import trial
from spotler_plugin.services.event.body import Malformed, read_body
from spotler_plugin.services.event.intake import LONGEST_ID, is_behind, store_event
from spotler_plugin.services.event.signature import is_signed
from spotler_plugin.trouble import trouble_of

blueprint = Blueprint("event_intake", __name__)

LARGEST = 20_000
"""Bytes of a body."""
RETRY_BEHIND, RETRY_DATABASE = 60, 10
"""Seconds after which to send it again."""

log = get_logger()


@blueprint.post("/events/<key>")
def take(key: str) -> Response:
    try:
        return _taken(key)
    except SQLAlchemyError as error:
        db.session.rollback()
        if trouble_of(error) is None:
            raise
        log.error("event.database", error=type(error).__name__)
        return _refused(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", RETRY_DATABASE)


def _taken(key: str) -> Response:
    request.max_content_length = LARGEST
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
    except BadRequest:
        return _refused(HTTPStatus.BAD_REQUEST, "invalid", detail="The body did not arrive whole.")
    # SQLite's writer is not kept waiting by who only tries signatures.
    with snapshot():
        environment = environments.find(key) if key.isascii() and key.isprintable() else None
        signed = environment is not None and is_signed(environment, body, request.headers)
    if environment is None:
        return _refused(HTTPStatus.NOT_FOUND, "unknown_environment")
    if not signed:
        log.warning("event.refused", environment=environment.id)
        trial.note_refused(environment.id, request.headers)
        return _refused(HTTPStatus.UNAUTHORIZED, "unauthorized")
    if environment.disabled_at is not None:
        return _refused(HTTPStatus.GONE, "disabled")
    return _stored(environment.id, request.headers["webhook-id"], body)


def _stored(environment_id: int, webhook_id: str, body: bytes) -> Response:
    """Answer what the CRM itself has sent."""
    try:
        told = read_body(body)
        if len(webhook_id) > LONGEST_ID or not webhook_id.isprintable():
            raise Malformed(f"webhook-id is not a text of 1 to {LONGEST_ID} characters.")
    except Malformed as error:
        log.warning("event.malformed", environment=environment_id)
        trial.note_signed(environment_id, request.headers, str(error))
        return _refused(HTTPStatus.BAD_REQUEST, "invalid", detail=str(error))
    if is_behind(environment_id):
        db.session.rollback()
        log.warning("event.behind", environment=environment_id)
        return _refused(HTTPStatus.TOO_MANY_REQUESTS, "behind", RETRY_BEHIND)
    trial.note_signed(environment_id, request.headers)
    if store_event(environment_id, webhook_id, told):
        event_jobs.start(environment_id)
    else:
        db.session.rollback()
    return Response(status=HTTPStatus.ACCEPTED)


def _refused(status: HTTPStatus, error: str, retry_after: int = 0, *, detail: str = "") -> Response:
    answer = jsonify({"error": error} | ({"detail": detail} if detail else {}))
    answer.status_code = status
    if retry_after:
        answer.headers["Retry-After"] = str(retry_after)
    return answer
