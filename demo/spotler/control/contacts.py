"""Contacts: read and store them, and do what a recipient or a mail server does to them."""

from itertools import islice
from typing import Any

from werkzeug import Response

from demo.spotler import dates
from demo.spotler.account.contacts import Contact, Standing, render
from demo.spotler.answers import json_answer, no_content
from demo.spotler.control.planting import plant
from demo.spotler.errors import contact_not_found, invalid_params
from demo.spotler.request import Request
from demo.spotler.state import State


def contact_of(state: State, reference: str) -> Contact:
    """Return the contact of the path: by externalId, encryptedId or address."""
    contact = state.account.directory.find(reference)
    if contact is None:
        raise contact_not_found(reference)
    return contact


def shown(state: State, contact: Contact) -> dict[str, Any]:
    """Return the contact as the API shows it, with what the API leaves out."""
    mask = contact.sets.get("permissions", 0)
    permissions = state.account.schema.permissions.entries
    return render(contact, state.account.schema) | {
        "standing": contact.standing.value,
        "status": contact.standing.label,
        "permissions": [e.description for e in permissions if mask & e.bit],
        "enrolments": [run.as_json() for run in state.account.automations.of(contact)],
        "campaigns": [run.as_json() for run in state.account.campaigns.of(contact)],
    }


def listing(state: State, request: Request) -> Response:
    """Contacts, ``after`` and ``limit`` (1000 unless told), ``q`` a part of address or name."""
    after, limit = (int(request.args.get(k, d)) for k, d in (("after", 0), ("limit", 1000)))
    wanted = request.args.get("q", "").lower()
    directory = state.account.directory
    fitting = [c for c in directory if wanted in f"{c.email} {c.name} {c.external_id}".lower()]
    page = [shown(state, contact) for contact in islice(fitting, after, after + limit)]
    end = after + len(page)
    following = end if end < len(fitting) else None
    return json_answer({"total": len(fitting), "next": following, "contacts": page})


def put_many(state: State, request: Request) -> Response:
    """Store contacts without dedup and without refusals; see ``planting.plant``."""
    wanted = request.payload.get("contacts")
    if not isinstance(wanted, list):
        raise invalid_params("contacts is a list")
    planted = [plant(state, description) for description in wanted]
    return json_answer({"contacts": len(planted), "total": len(state.account.directory)}, 201)


def show(state: State, request: Request, reference: str) -> Response:
    """One contact."""
    return json_answer(shown(state, contact_of(state, reference)))


def remove(state: State, request: Request, reference: str) -> Response:
    """Remove a contact, which Mail+ cannot do."""
    state.account.directory.remove(contact_of(state, reference))
    return no_content()


def opt_out(state: State, request: Request, reference: str) -> Response:
    """The recipient signs off from everything; ``{"permissions": "off"}`` also unticks them all.

    Whether an opt-out unticks the permissions is unknown, so both can be had [U].
    """
    contact = contact_of(state, reference)
    if request.get_data() and request.payload.get("permissions") == "off":
        contact.sets.pop("permissions", None)
    state.account.set_standing(contact, Standing.OPTED_OUT)
    return json_answer(shown(state, contact))


def permissions(state: State, request: Request, reference: str) -> Response:
    """The recipient changes permissions in Spotler: ``{"bit": 2, "enabled": false}``."""
    contact = contact_of(state, reference)
    bit, enabled = request.payload.get("bit"), request.payload.get("enabled")
    entries = state.account.schema.permissions.entries
    if not isinstance(bit, int) or not isinstance(enabled, bool):
        raise invalid_params("bit and enabled are required")
    if all(entry.bit != bit for entry in entries):
        raise invalid_params(f"No permission has bit {bit}")
    mask = contact.sets.get("permissions", 0)
    contact.sets["permissions"] = mask | bit if enabled else mask & ~bit
    state.account.directory.touch(contact)
    return json_answer(shown(state, contact))


def bounce(state: State, request: Request, reference: str) -> Response:
    """Let a mail bounce: ``{"type": "HARD"}`` or ``SOFT``."""
    contact = contact_of(state, reference)
    kind = request.payload.get("type", "HARD") if request.get_data() else "HARD"
    if kind not in ("HARD", "SOFT"):
        raise invalid_params("type is HARD or SOFT")
    state.account.bounce(contact, kind)
    return json_answer(shown(state, contact))


def standing(state: State, request: Request, reference: str) -> Response:
    """Set any standing: ``{"standing": "active"}``, as a user could in Mail+."""
    contact = contact_of(state, reference)
    state.account.set_standing(contact, Standing(request.payload["standing"]))
    return json_answer(shown(state, contact))


def send(state: State, request: Request, reference: str) -> Response:
    """Send the newest mailing to the contact: ``{"opened", "clicked": bool, "bounce": "HARD"}``."""
    contact, body = contact_of(state, reference), request.payload if request.get_data() else {}
    now = dates.now()
    delivery = state.account.mailings.deliver(state.account.mailings.all[-1], contact, now)
    delivery.opened_at = [now] if body.get("opened") else []
    delivery.clicked_at = [now] if body.get("clicked") else []
    delivery.bounce = body.get("bounce")
    return json_answer(delivery.as_history(), 201)
