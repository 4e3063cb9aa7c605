"""`GET /relations/{id}`."""

from flask import abort, jsonify
from flask.typing import ResponseReturnValue

from demo.crm.crm import crm


def show(relation_id: str) -> ResponseReturnValue:
    """One relation."""
    found = crm().relations.find(relation_id)
    if found is None:
        abort(404, "Deze relatie bestaat niet.")
    return jsonify(found.as_json())
