"""The control interface, ``/_sandbox/…``: JSON, without OAuth, and no part of Mail+."""

from demo.spotler.control import account, behaviour, contacts, observation
from demo.spotler.errors import ApiError
from demo.spotler.messages import Request, Response, json_answer
from demo.spotler.routing import MethodUnknown, PathUnknown, Routes
from demo.spotler.state import State

_routes = Routes()
for _part in (behaviour, observation, contacts, account):
    _routes.include(_part.routes)


def handle_control(state: State, request: Request) -> Response:
    """Answer a call of a test, a benchmark or a curious person."""
    try:
        _, endpoint = _routes.resolve(request)
        with state.lock:
            return endpoint(state, request)
    except ApiError as error:
        return json_answer(error.body, error.status)
    except (KeyError, TypeError, ValueError) as error:
        # Whoever steers a sandbox gets the plain reason.
        return json_answer({"errorType": "INVALID_PARAMS", "message": repr(error)}, 400)
    except MethodUnknown:
        return json_answer({"errorType": "RESOURCE_NOT_FOUND", "message": "Wrong method"}, 405)
    except PathUnknown:
        return json_answer({"errorType": "RESOURCE_NOT_FOUND", "message": "Unknown path"}, 404)
