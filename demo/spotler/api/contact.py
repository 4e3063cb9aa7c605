"""``/contact`` and ``/subscription``: single contacts (spotler-api.md §2.1)."""

from typing import Any

from werkzeug import Response

from demo.spotler.account.contacts import Contact, Standing, render
from demo.spotler.account.writing import apply, external_id_of, match, read, save
from demo.spotler.answers import json_answer, no_content
from demo.spotler.errors import Refusal, contact_not_found, invalid_params
from demo.spotler.request import Request
from demo.spotler.state import State


def known_contact(state: State, external_id: str) -> Contact:
    """The contact of the path, or a 404."""
    contact = state.account.directory.by_external_id(external_id)
    if contact is None:
        raise contact_not_found(external_id)
    return contact


def flag(body: dict[str, Any], name: str) -> bool:
    """A switch of a body; off when it is not given."""
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise invalid_params(f"{name} must be true or false")
    return bool(value)


def properties(state: State, request: Request) -> Response:
    """All visible fields."""
    return json_answer(state.account.schema.listing())


def show(state: State, request: Request, external_id: str) -> Response:
    """One contact."""
    contact = known_contact(state, external_id)
    return json_answer(render(contact, state.account.schema, legacy=request.legacy))


def insert(state: State, request: Request) -> Response:
    """Insert, or with ``update`` insert or update."""
    body = request.payload
    if external_id_of(body.get("contact")) is None:
        raise invalid_params("externalId is required")
    update, purge = flag(body, "update"), flag(body, "purge")
    try:
        save(body["contact"], state.account, state.settings, update=update, purge=purge)
    except Refusal as refusal:
        raise refusal.as_error(state.settings.opted_out_status) from refusal
    return no_content()


def update(state: State, request: Request, external_id: str) -> Response:
    """Update; never inserts."""
    contact, body = known_contact(state, external_id), request.payload
    payload = body.get("contact")
    flag(body, "update")  # Which says nothing here.
    purge = flag(body, "purge")
    if external_id_of(payload) is None:
        raise invalid_params("externalId is required")
    if external_id_of(payload) != contact.external_id:
        # What the service does is unknown for contacts; for audiences 400 is documented [U].
        raise invalid_params("externalId differs from the path")
    try:
        draft = read(payload, state.account, state.settings)
        forced = state.settings.forced_codes.get(contact.external_id or "")
        if forced:
            raise Refusal(forced, f"The sandbox was told to answer {forced}")
        apply(draft, contact, state.account, state.settings, purge=purge)
    except Refusal as refusal:
        raise refusal.as_error(state.settings.opted_out_status) from refusal
    return no_content()


def inactivate(state: State, request: Request, external_id: str) -> Response:
    """Make inactive; there is no call that undoes it (§4 [U])."""
    contact = known_contact(state, external_id)
    if contact.standing is Standing.ACTIVE:
        state.account.set_standing(contact, Standing.SET_INACTIVE)
    return no_content()


def anonymize(state: State, request: Request, external_id: str) -> Response:
    """Wipe the personal data; the record stays (§4 [C])."""
    contact = known_contact(state, external_id)
    for name in list(contact.properties):
        state.account.directory.set_property(contact, name, None)
    contact.sets.clear()
    if state.settings.anonymize_forgets:
        state.account.directory.give_external_id(contact, None)
    state.account.set_standing(contact, Standing.ANONYMISED)
    return no_content()


def subscribe(state: State, request: Request) -> Response:
    """The explicit opt-in route: a bare contact, externalId not required [D]."""
    account, settings = state.account, state.settings
    try:
        draft = read(request.payload, account, settings)
        known = match(draft, account, settings) or next(
            iter(account.directory.by_email(draft.email)), None
        )
        if known is not None and settings.subscribe_reactivates:
            known.standing = Standing.ACTIVE
        apply(draft, known, account, settings, purge=False)
    except Refusal as refusal:
        raise refusal.as_error(state.settings.opted_out_status) from refusal
    return no_content()
