"""``/templist``: lists for one mailing (spotler-api.md §2.7 [D])."""

from typing import Any

from werkzeug import Response

from demo.spotler import dates
from demo.spotler.account.audiences import TemporaryList
from demo.spotler.answers import json_answer, no_content
from demo.spotler.errors import ApiError, invalid_params
from demo.spotler.ids import id_in, ids_in
from demo.spotler.request import Request
from demo.spotler.state import State


def _list(state: State, external_id: str) -> TemporaryList:
    found = state.account.groups.lists.get(external_id)
    if found is None:
        raise ApiError(404, "RESOURCE_NOT_FOUND", "Temporary list not found")
    return found


def _contacts(state: State, body: dict[str, Any]) -> set[str]:
    wanted = set(ids_in(body, "contacts"))
    if any(state.account.directory.by_external_id(each) is None for each in wanted):
        raise ApiError(400, "CONTACT_NOT_FOUND", "Contacts not found")
    return wanted


def insert(state: State, request: Request) -> Response:
    """A new list; nothing is made when a contact is unknown."""
    lists, body = state.account.groups.lists, request.payload
    external_id, name = id_in(body.get("externalTemporaryListId")), body.get("name")
    if external_id is None or not isinstance(name, str) or not name:
        raise invalid_params("externalTemporaryListId and name are required")
    if external_id in lists:
        raise ApiError(400, "ID_NOTUNIQUE", "externalTemporaryListId exists")
    if any(each.name == name for each in lists.values()):
        raise ApiError(400, "NAME_ALREADY_IN_USE", "Name exists")
    lists[external_id] = TemporaryList(
        name, dates.now(), external_id, contacts=_contacts(state, {"contacts": []} | body)
    )
    return no_content()


def listing(state: State, request: Request) -> Response:
    """All lists."""
    return json_answer(
        [
            {
                "externalTemporaryListId": each.external_id,
                "name": each.name,
                "createdAt": dates.stamp(each.created, request.legacy),
                "type": each.origin,
            }
            for each in state.account.groups.lists.values()
        ]
    )


def add_contacts(state: State, request: Request, external_id: str) -> Response:
    """Put contacts in a list."""
    _list(state, external_id).contacts |= _contacts(state, request.payload)
    return no_content()


def remove(state: State, request: Request, external_id: str) -> Response:
    """Take a list away."""
    _list(state, external_id)
    del state.account.groups.lists[external_id]
    return no_content()
