"""`GET /selections/{id}`."""

from flask import abort, jsonify
from flask.typing import ResponseReturnValue

from demo.crm.api import arguments
from demo.crm.crm import crm


def show(selection_id: str) -> ResponseReturnValue:
    """The contacts of a selection, a page at a time."""
    found = crm().selections.find(selection_id)
    if found is None:
        abort(404, "Deze selectie bestaat niet.")
    after, limit = arguments.cursor(), arguments.limit()
    ids = crm().selections.ids(selection_id, after, limit)
    reached = after + len(ids)
    following = f"v{reached}" if ids and reached < found.total else None
    return jsonify(total=found.total, ids=ids, next=following)
