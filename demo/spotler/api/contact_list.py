"""``POST /contact/list``: up to a hundred contacts in one call (spotler-api.md §2.1 [D])."""

from typing import Any

from werkzeug import Response

from demo.spotler.account.writing import external_id_of, match, read, save
from demo.spotler.answers import json_answer
from demo.spotler.api.contact import flag
from demo.spotler.errors import Refusal, invalid_params
from demo.spotler.request import Request
from demo.spotler.state import State

MOST_CONTACTS = 100
WHOLE_CALL = "INVALID_PARAMS"


def _save_one(state: State, payload: Any, *, update: bool, purge: bool) -> dict[str, Any]:
    code, message = "OK", ""
    try:
        if update and not state.settings.list_creates:
            _refuse_unknown(state, payload)
        save(payload, state.account, state.settings, update=update, purge=purge)
    except Refusal as refusal:
        code, message = refusal.code, refusal.message
    return {"externalId": external_id_of(payload), "code": code, "message": message}


def _refuse_unknown(state: State, payload: Any) -> None:
    """Read the description literally: with ``update`` only existing contacts are written."""
    draft = read(payload, state.account, state.settings)
    if match(draft, state.account, state.settings) is None:
        raise Refusal("CONTACT_UNKNOWN", "The contact is unknown")


def save_many(state: State, request: Request) -> Response:
    """Save each contact; an answer for each, as a rule in the order of the request [I]."""
    contacts = request.payload.get("contacts")
    if not isinstance(contacts, list):
        raise invalid_params("contacts is required")
    if len(contacts) > MOST_CONTACTS:
        raise invalid_params(f"At most {MOST_CONTACTS} contacts per call")
    ids = [external_id_of(contact) for contact in contacts]
    if None in ids:
        raise invalid_params("Every contact needs an externalId")
    if not state.settings.repeated_ids and len(set(ids)) < len(ids):
        raise invalid_params("An externalId is there twice")
    forced = state.settings.forced_codes
    if any(forced.get(each or "") == WHOLE_CALL for each in ids):
        raise invalid_params("The sandbox was told to refuse a call with this contact")
    update, purge = flag(request.payload, "update"), flag(request.payload, "purge")
    saved = [_save_one(state, contact, update=update, purge=purge) for contact in contacts]
    return json_answer(saved if state.settings.answers_in_order else saved[::-1])
