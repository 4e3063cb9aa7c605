"""Settings and data of the running CRM, and launch tokens for any user."""

from dataclasses import asdict
from typing import cast

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue

from demo.crm.control.json_body import json_body
from demo.crm.crm import crm
from demo.crm.launch import WIDGETS, Launch, issue
from demo.crm.users import BY_ID, USERS

blueprint = Blueprint("settings", __name__)
CHANGEABLE = ("plugin_url", "environment", "launch_secret", "events_secret", "api_token", "origin")


@blueprint.get("/settings")
def show_settings() -> ResponseReturnValue:
    """Show address, environment and counts, without secrets."""
    return jsonify(
        environment=crm().settings.environment,
        origin=crm().settings.origin,
        plugin_url=crm().settings.plugin_url,
        contacts=crm().contacts.count(),
        relations=crm().relations.count(),
        version=crm().store.number("SELECT version FROM counter"),
        users=[asdict(user) for user in USERS],
    )


@blueprint.put("/settings")
def change_settings() -> ResponseReturnValue:
    """Point the running CRM at another plugin, or set other secrets."""
    for name, value in json_body().items():
        if name not in CHANGEABLE:
            abort(400, f"{name} is not a setting.")
        setattr(crm().settings, name, str(value))
    return show_settings()


@blueprint.post("/reset")
def reset() -> ResponseReturnValue:
    """Start over with invented data; {"contacts": N} for another number of contacts."""
    crm().reset(json_body().get("contacts"))
    return show_settings()


@blueprint.post("/launch-token")
def launch_token() -> ResponseReturnValue:
    """{"widget", "resource", "user", "channel", "lang"}: a token for any user and resource."""
    body = json_body()
    if body.get("widget") not in WIDGETS:
        abort(400, f"widget is one of {', '.join(WIDGETS)}.")
    resource = cast(dict[str, str], body.get("resource", {"type": "none", "id": ""}))
    launch = Launch(
        widget=body["widget"],
        resource_type=resource["type"],
        resource_id=resource.get("id", ""),
        channel=body.get("channel", "channel-of-a-test"),
        lang=body.get("lang", "nl"),
    )
    user = BY_ID[body.get("user", USERS[0].id)]
    return jsonify(token=issue(crm().settings, user, launch))
