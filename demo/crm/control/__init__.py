"""`/_demo`: control of the CRM for tests, without login."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from demo.crm.control import events, faults, people, records, settings
from demo.crm.fields import InvalidValue

blueprint = Blueprint("control", __name__, url_prefix="/_demo")
for part in (settings, faults, people, records, events):
    blueprint.register_blueprint(part.blueprint)


@blueprint.errorhandler(InvalidValue)
def invalid(error: InvalidValue) -> ResponseReturnValue:
    """A value that its field cannot hold."""
    return jsonify(error="invalid_value", detail=str(error)), 400


@blueprint.errorhandler(KeyError)
def unknown(error: KeyError) -> ResponseReturnValue:
    """An id that does not exist, or a missing key in the body."""
    return jsonify(error="not_found", detail=str(error)), 404
