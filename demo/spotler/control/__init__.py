"""The control interface, ``/_sandbox/…``: JSON, without OAuth, not part of Mail+."""

import json

from werkzeug import Response
from werkzeug.exceptions import HTTPException

from demo.spotler.answers import json_answer
from demo.spotler.control import account, behaviour, contacts, observation
from demo.spotler.errors import ApiError
from demo.spotler.request import Request
from demo.spotler.routing import match, routes
from demo.spotler.state import State

_ROUTES = routes(
    {
        "GET /settings": behaviour.settings,
        "PUT /settings": behaviour.change_settings,
        "PUT /settings/<manner>": behaviour.take_manner,
        "GET /faults": behaviour.faults,
        "POST /faults": behaviour.add_fault,
        "PUT /faults": behaviour.replace_faults,
        "DELETE /faults": behaviour.clear_faults,
        "DELETE /faults/<int:fault_id>": behaviour.clear_fault,
        "GET /credentials": behaviour.credentials,
        "PUT /credentials": behaviour.replace_credentials,
        "POST /reset": behaviour.reset,
        "GET /": observation.summary,
        "GET /calls": observation.calls,
        "DELETE /calls": observation.forget_calls,
        "GET /statistics": observation.statistics,
        "GET /enrolments": observation.enrolments,
        "GET /contacts": contacts.listing,
        "POST /contacts": contacts.put_many,
        "GET /contacts/<reference>": contacts.show,
        "DELETE /contacts/<reference>": contacts.remove,
        "POST /contacts/<reference>/opt-out": contacts.opt_out,
        "POST /contacts/<reference>/permissions": contacts.permissions,
        "POST /contacts/<reference>/bounce": contacts.bounce,
        "POST /contacts/<reference>/standing": contacts.standing,
        "POST /contacts/<reference>/mailings": contacts.send,
        "PUT /properties/<name>": account.put_property,
        "POST /permissions": account.add_permission,
        "PUT /permissions/<int:bit>": account.rename_permission,
        "DELETE /permissions/<int:bit>": account.remove_permission,
        "GET /automations": account.automations,
        "POST /automations": account.add_automation,
        "PUT /automations/<automation_id>": account.change_automation,
        "POST /mailings": account.add_mailing,
    }
)


def handle_control(state: State, request: Request) -> Response:
    """Answer a call of a test, a benchmark or a person."""
    try:
        _, endpoint = match(_ROUTES, request)
        with state.lock:
            return endpoint(state, request)
    except ApiError as error:
        return error.get_response()
    except HTTPException as error:
        response = error.get_response()
        response.content_type = "application/json"
        response.set_data(json.dumps({"errorType": "RESOURCE_NOT_FOUND", "message": error.name}))
        return response
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # Whoever controls a sandbox may see the plain reason.
        return json_answer({"errorType": "INVALID_PARAMS", "message": repr(error)}, 400)
