"""`POST /widget-token`: the CRM's own endpoint that gives its pages launch tokens."""

from typing import Any, cast

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from demo.crm.crm import crm
from demo.crm.launch import NEEDED, RESOURCE, WIDGETS, Launch, Widget, issue
from demo.crm.pages.desk import LANGUAGES, current_lang, current_user

blueprint = Blueprint("widget_token", __name__)


@blueprint.post("/widget-token")
def create() -> ResponseReturnValue:
    """Sign what this user may open. The CRM decides; the plugin trusts the signature."""
    body = request.get_json(silent=True)
    launch = _launch(body) if isinstance(body, dict) else None
    if launch is None:
        return jsonify(error="bad_request"), 400
    if not current_user().may(NEEDED[launch.widget]) or not _may_see(launch):
        return jsonify(error="forbidden"), 403
    answer = jsonify(token=issue(crm().settings, current_user(), launch))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _launch(body: dict[str, Any]) -> Launch | None:
    widget, resource = body.get("widget"), body.get("resource")
    if widget not in WIDGETS or not isinstance(resource, dict):
        return None
    kind, channel = str(resource.get("type")), str(body.get("channel", ""))
    if kind not in RESOURCE[cast(Widget, widget)] or not 16 <= len(channel) <= 128:
        return None
    lang = str(body.get("lang"))
    return Launch(
        widget=cast(Widget, widget),
        resource_type=kind,
        resource_id=str(resource.get("id") or ""),
        channel=channel,
        lang=lang if lang in LANGUAGES else current_lang(),
    )


def _may_see(launch: Launch) -> bool:
    if launch.resource_type == "contact":
        return crm().contacts.find(launch.resource_id) is not None
    if launch.resource_type == "selection":
        selection = crm().selections.find(launch.resource_id)
        return selection is not None and selection.owner == current_user().id
    return True
