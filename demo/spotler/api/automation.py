"""``/automation``: list, start, stop (spotler-api.md §2.5)."""

from typing import Any

from werkzeug import Response

from demo.spotler import dates
from demo.spotler.account.automations import Automation
from demo.spotler.account.contacts import Contact
from demo.spotler.account.mailings import Mailing
from demo.spotler.answers import json_answer, no_content
from demo.spotler.errors import ApiError, invalid_params
from demo.spotler.ids import id_in
from demo.spotler.request import Request
from demo.spotler.state import State


def listing(state: State, request: Request) -> Response:
    """All automations, published or not. Path and shape are invented; see ``Settings``."""
    return json_answer([automation.as_json() for automation in state.account.automations.all])


def fields_of(body: dict[str, Any], key: str) -> list[Any]:
    """The fields that fill placeholders; each needs a name, and names are unique [D]."""
    fields = body.get(key)
    if fields is None:
        return []
    if not isinstance(fields, list) or not all(_is_field(each) for each in fields):
        raise invalid_params(f"{key} is a list of fields")
    if len({field["name"] for field in fields}) < len(fields):
        raise invalid_params(f"{key} needs unique names")
    return fields


def _is_field(given: Any) -> bool:
    if not isinstance(given, dict):
        return False
    # Published clients send null for what they do not set.
    told = {name: value for name, value in given.items() if value is not None}
    name, kind, values = told.get("name"), told.get("type", "STRING"), told.get("values", [])
    return (
        isinstance(name, str)
        and name != ""
        and isinstance(kind, str)
        and kind.upper() in ("STRING", "PRODUCTLIST", "URL")
        and isinstance(values, list)
        and all(_is_scalar(each) for each in (told.get("value", ""), *values))
    )


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def triggered_contact(state: State, body: dict[str, Any]) -> Contact | None:
    """The contact that a body refers to."""
    external_id = id_in(body.get("externalContactId"))
    return state.account.directory.by_external_id(external_id) if external_id else None


def trigger(state: State, request: Request, code: str) -> Response:
    """Start all automations that have this external trigger; 200 when at least one started."""
    automations = state.account.automations
    fitting = automations.with_trigger(code)
    body = request.payload
    # The key of the array is inferred from campaignFields [I].
    fields = fields_of(body, "automationFields")
    contact = triggered_contact(state, body)
    if not fitting:
        return json_answer({"result": "TRIGGER_NOTFOUND"}, 404)
    if contact is None:
        return json_answer({"result": "CONTACT_NOTFOUND"}, 404)
    results: list[dict[str, Any]] = []
    for automation in fitting:
        result, run = automations.start(automation, contact, code, fields)
        if result is None:
            continue
        item = {"automationId": automation.id, "result": result}
        if run and state.settings.automation_contact_id:
            item["automationContactId"] = run.id
        results.append(item)
        if run and state.settings.automations_in_history:
            _send(state, automation, contact)
    started = any(item["result"] == "OK" for item in results)
    answer = {"result": "OK" if started else "NOT_TRIGGERED", "automationResults": results}
    return json_answer(answer, 200 if started else 417)


def _send(state: State, automation: Automation, contact: Contact) -> None:
    """Let its mail leave, as that of a campaign does."""
    mailings, now = state.account.mailings, dates.now()
    name = automation.name
    mailing = Mailing(state.account.directory.encrypted_id(), name, name, now, name)
    mailings.deliver(mailing, contact, now).subscription = len(mailings.deliveries)


def stop(state: State, request: Request, automation_id: str) -> Response:
    """Stop the contact's runs; invented, by analogy with campaigns [I, weak]."""
    contact = triggered_contact(state, request.payload)
    if contact is None:
        raise ApiError(400, "CONTACT_NOT_FOUND", "Contact not found")
    runs = [
        run
        for run in state.account.automations.of(contact)
        if run.automation.id == automation_id and run.stopped_at is None
    ]
    if not runs:
        raise ApiError(404, "RESOURCE_NOT_FOUND", "No such run")
    for run in runs:
        run.stopped_at = dates.now()
    return no_content()
