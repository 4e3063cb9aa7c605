"""Fields, permissions, automations and mailings: what an administrator does in Mail+."""

from typing import Any

from werkzeug import Response

from demo.spotler import dates
from demo.spotler.account.automations import Automation, Trigger, code_for
from demo.spotler.account.mailings import Mailing
from demo.spotler.account.properties import TYPES, Entry, Property
from demo.spotler.answers import json_answer
from demo.spotler.errors import ApiError, invalid_params
from demo.spotler.request import Request
from demo.spotler.state import State


def put_property(state: State, request: Request, name: str) -> Response:
    """Make or change a field: ``{"description", "type", "visible"}``, of a set ``entries`` too.

    Each of the entries is ``{"bit", "description"}``; those that are not named are gone.
    """
    schema, body = state.account.schema, request.payload
    if body.get("type", "string") not in TYPES:
        raise invalid_params(f"type is one of {TYPES}")
    known = schema.by_name.get(name) or Property(name, name, "string")
    known.description = body.get("description", known.description)
    known.type = body.get("type", known.type)
    known.visible = body.get("visible", known.visible)
    if "entries" in body:
        known.entries = [
            Entry(int(each["bit"]), str(each["description"]), rank)
            for rank, each in enumerate(body["entries"], 1)
        ]
    schema.by_name[name] = known
    return json_answer(known.as_json() | {"visible": known.visible})


def add_permission(state: State, request: Request) -> Response:
    """One more permission: ``{"description"}``; answers with its bit."""
    description = str(request.payload["description"])
    return json_answer(vars(state.account.schema.permissions.add_entry(description)), 201)


def rename_permission(state: State, request: Request, bit: int) -> Response:
    """Rename a permission: ``{"description"}``."""
    for entry in state.account.schema.permissions.entries:
        if entry.bit == bit:
            entry.description = str(request.payload["description"])
            return json_answer(vars(entry))
    raise ApiError(404, "RESOURCE_NOT_FOUND", "No such permission")


def remove_permission(state: State, request: Request, bit: int) -> Response:
    """Take a permission away."""
    permissions = state.account.schema.permissions
    permissions.entries = [entry for entry in permissions.entries if entry.bit != bit]
    return json_answer(permissions.as_json())


def automations(state: State, request: Request) -> Response:
    """All automations with their number of enrolments, whether or not the API lists them."""
    flows = state.account.automations
    return json_answer({"automations": [_shown(state, flow) for flow in flows.all]})


def add_automation(state: State, request: Request) -> Response:
    """A new flow: ``{"name", "triggers": [{"code", "name", "fields"}], "active", …}``.

    An existing code may be given again: one trigger then starts several automations.
    """
    body = request.payload
    name = str(body["name"])
    described: list[dict[str, Any]] = body.get("triggers") or [{}]
    triggers = [
        Trigger(
            t.get("code", code_for(f"trigger {name}")), t.get("name", name), t.get("fields", [])
        )
        for t in described
    ]
    limit = body.get("participation_limit")
    flow = Automation(name, triggers, body.get("active", True), limit)
    state.account.automations.all.append(flow)
    return json_answer(_shown(state, flow), 201)


def change_automation(state: State, request: Request, automation_id: str) -> Response:
    """Publish, withdraw, rename or limit a flow: ``{"active", "name", "participation_limit"}``."""
    for flow in state.account.automations.all:
        if flow.id == automation_id:
            flow.active = bool(request.payload.get("active", flow.active))
            flow.name = str(request.payload.get("name", flow.name))
            limit = request.payload.get("participation_limit", flow.participation_limit)
            flow.participation_limit = limit
            return json_answer(_shown(state, flow))
    raise ApiError(404, "RESOURCE_NOT_FOUND", "No such automation")


def _shown(state: State, flow: Automation) -> dict[str, Any]:
    runs = sum(run.automation is flow for run in state.account.automations.enrolments)
    return flow.as_json() | {"enrolments": runs, "participation_limit": flow.participation_limit}


def add_mailing(state: State, request: Request) -> Response:
    """A new mailing, sent now: ``{"name", "subject"}``; contacts get it one by one."""
    name = str(request.payload["name"])
    subject = str(request.payload.get("subject", name))
    mailing = Mailing(state.account.directory.encrypted_id(), name, subject, dates.now())
    state.account.mailings.all.append(mailing)
    return json_answer(mailing.as_json(), 201)
