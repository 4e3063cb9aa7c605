"""The events that were sent to the plugin; send others."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from demo.crm.control.json_body import json_body
from demo.crm.crm import crm
from demo.crm.events import as_json

blueprint = Blueprint("events", __name__)


@blueprint.get("/events")
def list_events() -> ResponseReturnValue:
    """List the events, newest first, with their outcome; ?limit=."""
    limit = request.args.get("limit", 200, int)
    log = [as_json(row) for row in crm().outbox.log(limit)]
    return jsonify(waiting=crm().outbox.waiting(), events=log)


@blueprint.post("/events")
def add_event() -> ResponseReturnValue:
    """{"type", "data"}: send any event, signed as usual."""
    body = json_body()
    return jsonify(id=crm().outbox.add(body["type"], body.get("data", {}))), 201


@blueprint.post("/events/<event_id>/again")
def send_again(event_id: str) -> ResponseReturnValue:
    """Send an event again, under the same id."""
    if not crm().outbox.again(event_id):
        raise KeyError(event_id)
    return jsonify(id=event_id)
