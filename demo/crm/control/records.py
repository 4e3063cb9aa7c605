"""Relations, selections, sales and opt-outs, as tests read and change them."""

from dataclasses import asdict

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from demo.crm.control.json_body import json_body
from demo.crm.crm import crm
from demo.crm.users import USERS

blueprint = Blueprint("records", __name__)


@blueprint.get("/relations")
def list_relations() -> ResponseReturnValue:
    """Relations in the order of the list: ?q=&limit=&offset=."""
    query, arguments = request.args.get("q", ""), request.args
    limit, offset = arguments.get("limit", 100, int), arguments.get("offset", 0, int)
    page = crm().relations.page(query, limit, offset)
    return jsonify(total=crm().relations.count(query), relations=[each.as_json() for each in page])


@blueprint.patch("/relations/<relation_id>")
def change_relation(relation_id: str) -> ResponseReturnValue:
    """{"fields", "primary_contact_id"}."""
    body = json_body()
    changed = crm().relations.change(relation_id, body.get("fields", {}))
    if "primary_contact_id" in body:
        crm().relations.choose_primary(relation_id, body["primary_contact_id"])
    found = crm().relations.find(relation_id) or changed
    return jsonify(found.as_json())


@blueprint.post("/selections")
def add_selection() -> ResponseReturnValue:
    """{"ids": [...]} or {"q": search} for all that it finds; "owner" is a user's id."""
    body = json_body()
    ids = body["ids"] if "ids" in body else crm().contacts.ids(str(body.get("q", "")))
    selection = crm().selections.add(ids, body.get("owner", USERS[0].id))
    return jsonify(asdict(selection)), 201


@blueprint.get("/sales")
def list_sales() -> ResponseReturnValue:
    """The sales."""
    return jsonify(sales=[asdict(sale) for sale in crm().sales.newest()])


@blueprint.post("/sales/<sale_id>/phase")
def move_sale(sale_id: str) -> ResponseReturnValue:
    """{"phase"}; answers how many automatic actions were triggered."""
    return jsonify(triggered=crm().sales.move(sale_id, json_body()["phase"]))


@blueprint.get("/opt-outs")
def list_opt_outs() -> ResponseReturnValue:
    """The opt-outs that the plugin recorded here."""
    return jsonify(opt_outs=[asdict(each) for each in crm().opt_outs.all()])
