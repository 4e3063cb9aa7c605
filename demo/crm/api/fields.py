"""`GET /fields`."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from demo.crm.fields import CONTACT_FIELDS, RELATION_FIELDS


def index() -> ResponseReturnValue:
    """Return the fields."""
    described = [field.as_json("contact") for field in CONTACT_FIELDS]
    described += [field.as_json("relation") for field in RELATION_FIELDS]
    return jsonify(fields=described)
