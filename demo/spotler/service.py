"""One call to Mail+, from arrival to answer: noted, delayed, hit by a fault, checked, carried out.

The contacts that a call writes count as being written from before the delay until the answer is
ready, so that two overlapping writes on one contact show (``overlaps.py``).
"""

import random
import time
from threading import Event

from demo.spotler.api import automation, routes
from demo.spotler.auth import verify
from demo.spotler.calls import Call
from demo.spotler.errors import ApiError
from demo.spotler.faults import Fault, distort
from demo.spotler.messages import Request, Response, json_answer, text_answer
from demo.spotler.overlaps import written_contacts
from demo.spotler.routing import Endpoint, MethodUnknown, PathUnknown
from demo.spotler.state import State


def answer(state: State, request: Request, stopping: Event) -> Response:
    """Answer a call under one of the two bases."""
    started = time.perf_counter()
    try:
        contacts = written_contacts(request)
    except ApiError:
        contacts = ()
    calls, overlaps = state.calls, state.overlaps
    call = calls.open(request, contacts)
    with overlaps.during(contacts):
        response = _respond(state, request, call, stopping)
    call.status = None if response.drop else response.status
    call.duration_ms = (time.perf_counter() - started) * 1000
    calls.close(call)
    return response


def _respond(state: State, request: Request, call: Call, stopping: Event) -> Response:
    fault = state.faults.draw(request.method, request.path)
    call.fault = fault.kind if fault else None
    call.route = "(fault)"
    limit = state.settings.calls_per_second
    if limit and state.calls.this_second > limit:
        return distort(Fault("rate_limit"), None)
    _wait(state, fault, stopping)
    if fault is None or fault.kind == "delay":
        return _carry_out(state, request, call)
    done = _carry_out(state, request, call) if fault.when == "after" else None
    return distort(fault, done)


def _wait(state: State, fault: Fault | None, stopping: Event) -> None:
    latency = state.settings.latency
    seconds = random.uniform(*latency) if isinstance(latency, list) else latency
    if fault and fault.kind == "delay":
        seconds += fault.seconds
    if seconds > 0:
        stopping.wait(seconds)


def _carry_out(state: State, request: Request, call: Call) -> Response:
    call.route = "(unknown)"
    try:
        with state.lock:
            try:
                verify(request, state.credentials, state.settings, state.nonces)
            except ApiError as error:
                call.route = "(refused)"
                if state.settings.auth_failure == "text":
                    return text_answer("<html><h1>Unauthorized</h1></html>", 401)
                return json_answer(error.body, error.status)
            call.route, endpoint = _endpoint(state, request)
            return endpoint(state, request)
    except ApiError as error:
        return json_answer(error.body, error.status)
    except MethodUnknown:
        return text_answer("<html><h1>Method Not Allowed</h1></html>", 405)
    except PathUnknown:
        if state.settings.json_for_unknown_path:
            return json_answer({"errorType": "RESOURCE_NOT_FOUND", "message": "Not found"}, 404)
        return text_answer("<html><h1>Not Found</h1></html>", 404)


def _endpoint(state: State, request: Request) -> tuple[str, Endpoint]:
    settings = state.settings
    if settings.automation_list and request.path == settings.automation_list_path:
        if request.method != "GET":
            raise MethodUnknown
        return "/automation/list", automation.listing
    return routes.resolve(request)
