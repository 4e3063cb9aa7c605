"""Settings, faults, credentials and reset."""

from werkzeug import Response

from demo.spotler.answers import json_answer
from demo.spotler.errors import invalid_params
from demo.spotler.request import Request
from demo.spotler.state import State


def settings(state: State, request: Request) -> Response:
    """All switches."""
    return json_answer(state.settings.as_json())


def change_settings(state: State, request: Request) -> Response:
    """Change the given switches; the others stay."""
    state.settings.change(request.payload)
    return json_answer(state.settings.as_json())


def take_manner(state: State, request: Request, manner: str) -> Response:
    """Be strict, or lenient, in every open question at once."""
    state.settings.take_manner(manner)
    return json_answer(state.settings.as_json())


def faults(state: State, request: Request) -> Response:
    """The faults that are set, with their hits."""
    return json_answer({"faults": [fault.as_json() for fault in state.faults.active]})


def add_fault(state: State, request: Request) -> Response:
    """Set one more fault."""
    return json_answer(state.faults.add(request.payload).as_json(), 201)


def replace_faults(state: State, request: Request) -> Response:
    """Set exactly these faults."""
    wanted = request.payload.get("faults")
    if not isinstance(wanted, list):
        raise invalid_params("faults is a list")
    state.faults.clear()
    for description in wanted:
        state.faults.add(description)
    return faults(state, request)


def clear_faults(state: State, request: Request) -> Response:
    """Remove all faults."""
    state.faults.clear()
    return faults(state, request)


def clear_fault(state: State, request: Request, fault_id: int) -> Response:
    """Remove one fault."""
    state.faults.clear(fault_id)
    return faults(state, request)


def credentials(state: State, request: Request) -> Response:
    """The keys of the account and their secrets."""
    return json_answer(state.credentials)


def replace_credentials(state: State, request: Request) -> Response:
    """Replace the keys; without any, access is revoked."""
    if not all(isinstance(secret, str) for secret in request.payload.values()):
        raise invalid_params("An object of key and secret")
    state.credentials = dict(request.payload)
    return json_answer(state.credentials)


def reset(state: State, request: Request) -> Response:
    """Start over: ``{}``, ``{"empty": true}`` or ``{"seed": 7}``."""
    wanted = request.payload if request.get_data() else {}
    state.reset(**{name: wanted[name] for name in ("empty", "seed") if name in wanted})
    return json_answer({"contacts": len(state.account.directory)})
