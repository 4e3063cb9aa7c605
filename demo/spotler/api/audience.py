"""``/audience``: groups of contacts under an external id (spotler-api.md §2.6 [D])."""

from typing import Any

from werkzeug import Response

from demo.spotler import dates
from demo.spotler.account.audiences import Audience
from demo.spotler.answers import json_answer, no_content
from demo.spotler.errors import ApiError, invalid_params
from demo.spotler.ids import ids_in
from demo.spotler.request import Request
from demo.spotler.state import State

MOST_CONTACTS = 2500
LONGEST = 255


def _licensed(state: State) -> None:
    if not state.settings.audience_licence:
        raise ApiError(403, "NOT_AUTHORIZED", "The product is not licensed")


def _audience(state: State, external_id: str) -> Audience:
    _licensed(state)
    audience = state.account.groups.audiences.get(external_id)
    if audience is None:
        raise ApiError(404, "RESOURCE_NOT_FOUND", "Audience not found")
    return audience


def _shown(audience: Audience, request: Request) -> Response:
    moments = {
        "createDate": audience.created,
        "changeDate": audience.changed,
        "lastContactAddedAt": audience.added_at,
        "lastContactRemovedAt": audience.removed_at,
    }
    shown: dict[str, Any] = {
        "externalId": audience.external_id,
        "name": audience.name,
        "description": audience.description,
    }
    known = {name: at for name, at in moments.items() if at is not None}
    return json_answer(
        shown | {name: dates.stamp(at, request.legacy) for name, at in known.items()}
    )


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST:
        raise ApiError(417, "INVALID_PARAMS", f"{name} must have 1 to {LONGEST} characters")
    return value


def _description(body: dict[str, Any], default: str) -> str:
    value = body.get("description", default)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ApiError(417, "INVALID_PARAMS", "description is a text")
    return value


def _require_unique(state: State, name: str, besides: Audience | None) -> None:
    others = (a for a in state.account.groups.audiences.values() if a is not besides)
    if any(other.name == name for other in others):
        raise ApiError(417, "NAME_ALREADY_IN_USE", "Name is not unique")


def insert(state: State, request: Request) -> Response:
    """A new audience."""
    _licensed(state)
    external_id, name = _text(request.payload, "externalId"), _text(request.payload, "name")
    if external_id in state.account.groups.audiences:
        raise ApiError(417, "ID_NOTUNIQUE", "externalId is not unique")
    _require_unique(state, name, None)
    now = dates.now()
    description = _description(request.payload, "")
    audience = Audience(external_id, name, description, now, now)
    state.account.groups.audiences[external_id] = audience
    return _shown(audience, request)


def show(state: State, request: Request, external_id: str) -> Response:
    """One audience."""
    return _shown(_audience(state, external_id), request)


def update(state: State, request: Request, external_id: str) -> Response:
    """Rename an audience."""
    audience, body = _audience(state, external_id), request.payload
    if _text(body, "externalId") != audience.external_id:
        raise invalid_params("externalId differs from the path")
    name = _text(body, "name")
    _require_unique(state, name, audience)
    audience.name, audience.changed = name, dates.now()
    audience.description = _description(body, audience.description)
    return _shown(audience, request)


def remove(state: State, request: Request, external_id: str) -> Response:
    """Take an audience away."""
    del state.account.groups.audiences[_audience(state, external_id).external_id]
    return no_content()


def _contacts(state: State, request: Request) -> set[str]:
    wanted = ids_in(request.payload, "contacts")
    if len(wanted) > MOST_CONTACTS:
        raise ApiError(413, "INVALID_PARAMS", f"At most {MOST_CONTACTS} contacts per call")
    missing = [each for each in wanted if state.account.directory.by_external_id(each) is None]
    if missing:
        raise ApiError(404, "CONTACT_NOT_FOUND", "Contacts not found", externalContactIds=missing)
    return set(wanted)


def add_contacts(state: State, request: Request, external_id: str) -> Response:
    """Put contacts in the audience; all of them or none."""
    audience = _audience(state, external_id)
    audience.contacts |= _contacts(state, request)
    audience.added_at = dates.now()
    return no_content()


def remove_contacts(state: State, request: Request, external_id: str) -> Response:
    """Take contacts out; no body at all empties the audience [D]."""
    audience = _audience(state, external_id)
    if request.get_data() in (b"", b"null"):
        audience.contacts.clear()
    else:
        audience.contacts -= _contacts(state, request)
    audience.removed_at = dates.now()
    return no_content()
