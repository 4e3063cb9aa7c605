"""What the CRM asks of us, answered from our own tables without a call to anybody."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from spotler_plugin.blueprints.api.caller import for_crm, refuse
from spotler_plugin.services.automatic_action.edit import enabled_actions
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.services.link.status import LinkStatus, statuses_of

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")

MOST_IDS = 500
LARGEST_BODY = 128 * 1024
"""Bytes; five hundred of the longest ids take half of it."""


@blueprint.get("/automatic-actions")
@for_crm
def actions(environment_id: int) -> ResponseReturnValue:
    """List those that may be attached to a sales phase."""
    return jsonify(
        actions=[
            {
                "id": str(action.id),
                "name": action.name,
                "description": action.description,
                "type": action.type,
            }
            for action in enabled_actions(environment_id)
        ]
    )


@blueprint.get("/contacts/<contact_id>/status")
@for_crm
def status(environment_id: int, contact_id: str) -> ResponseReturnValue:
    if not is_crm_id(contact_id):
        refuse(HTTPStatus.NOT_FOUND, "not_found", "No contact can have this id.")
    return jsonify(_as_json(statuses_of(environment_id, [contact_id])[contact_id]))


@blueprint.post("/contacts/statuses")
@for_crm
def statuses(environment_id: int) -> ResponseReturnValue:
    found = statuses_of(environment_id, _asked())
    return jsonify(statuses={contact_id: _as_json(each) for contact_id, each in found.items()})


def _asked() -> list[str]:
    """Return the ids of the body, each once."""
    request.max_content_length = LARGEST_BODY
    body = request.get_json(silent=True)
    ids = body.get("ids") if isinstance(body, dict) else None
    if not isinstance(ids, list) or not all(is_crm_id(each) for each in ids):
        refuse(HTTPStatus.BAD_REQUEST, "bad_request", 'Send JSON: {"ids": ["…"]}.')
    if len(ids) > MOST_IDS:
        refuse(HTTPStatus.BAD_REQUEST, "too_many_ids", f"Send at most {MOST_IDS} ids at once.")
    return list(dict.fromkeys(ids))


def _as_json(standing: LinkStatus) -> dict[str, Any]:
    return {
        "status": standing.status,
        "synced_at": standing.synced_at.isoformat() if standing.synced_at else None,
        "reason": standing.reason,
    }
