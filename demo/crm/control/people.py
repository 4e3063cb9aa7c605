"""Contacts, as tests read and change them."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from demo.crm.control.json_body import json_body
from demo.crm.crm import crm

blueprint = Blueprint("people", __name__)


@blueprint.get("/contacts")
def list_contacts() -> ResponseReturnValue:
    """Contacts in the order of the list: ?q=&limit=&offset=."""
    query, arguments = request.args.get("q", ""), request.args
    limit, offset = arguments.get("limit", 100, int), arguments.get("offset", 0, int)
    page = crm().contacts.page(query, "", limit, offset)
    return jsonify(total=crm().contacts.count(query), contacts=[each.as_json() for each in page])


@blueprint.post("/contacts")
def add_contact() -> ResponseReturnValue:
    """{"fields", "id", "relation_id", "active", "silent"}; silent sends no event."""
    body = json_body()
    added = crm().contacts.add(
        body.get("fields", {}),
        contact_id=body.get("id"),
        relation_id=body.get("relation_id"),
        active=bool(body.get("active", True)),
        silent=bool(body.get("silent")),
    )
    return jsonify(added.as_json()), 201


@blueprint.get("/contacts/<contact_id>")
def show_contact(contact_id: str) -> ResponseReturnValue:
    """One contact."""
    found = crm().contacts.find(contact_id)
    if found is None:
        raise KeyError(contact_id)
    return jsonify(found.as_json())


@blueprint.patch("/contacts/<contact_id>")
def change_contact(contact_id: str) -> ResponseReturnValue:
    """{"fields", "active", "silent"}."""
    body = json_body()
    changed = crm().contacts.change(
        contact_id,
        body.get("fields", {}),
        active=body.get("active"),
        silent=bool(body.get("silent")),
    )
    return jsonify(changed.as_json())


@blueprint.put("/contacts/<contact_id>/lock")
def lock_contact(contact_id: str) -> ResponseReturnValue:
    """From now on the CRM refuses changes of this contact, also the plugin's."""
    crm().contacts.lock(contact_id)
    return "", 204


@blueprint.delete("/contacts/<contact_id>/lock")
def unlock_contact(contact_id: str) -> ResponseReturnValue:
    """The CRM takes changes of this contact again."""
    crm().contacts.unlock(contact_id)
    return "", 204


@blueprint.delete("/contacts/<contact_id>")
def delete_contact(contact_id: str) -> ResponseReturnValue:
    """?silent=1 sends no event."""
    if crm().contacts.find(contact_id) is None:
        raise KeyError(contact_id)
    crm().contacts.delete(contact_id, silent="silent" in request.args)
    return "", 204


@blueprint.post("/merge")
def merge() -> ResponseReturnValue:
    """{"kept_id", "merged_id"}."""
    body = json_body()
    crm().contacts.merge(body["kept_id"], body["merged_id"])
    return show_contact(body["kept_id"])
