"""Handle one call to Mail+: record it, delay it, apply a fault, check it, execute it.

The contacts that a call writes count as being written from before the delay until the answer is
ready, so that two overlapping writes on one contact are noticed (``overlaps.py``).
"""

import logging
import random
import time

from werkzeug import Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, TooManyRequests

from demo.spotler.api import ROUTES, automation
from demo.spotler.auth import verify
from demo.spotler.calls import Call
from demo.spotler.content import check_content
from demo.spotler.errors import ApiError, backend_exception
from demo.spotler.faults import Fault, distort
from demo.spotler.overlaps import written_contacts
from demo.spotler.request import Request
from demo.spotler.routing import Endpoint, match
from demo.spotler.state import State
from demo.spotler.terse import shortened

log = logging.getLogger(__name__)


def handle_call(state: State, request: Request) -> Response:
    """Answer a call under one of the two bases, or cut the connection."""
    started = time.perf_counter()
    contacts = written_contacts(request)
    calls, overlaps = state.calls, state.overlaps
    call = calls.open(request, contacts)
    try:
        with overlaps.during(contacts):
            response = _respond(state, request, call)
        call.status = response.status_code
        return response
    finally:
        call.duration_ms = (time.perf_counter() - started) * 1000
        calls.close(call)


def _respond(state: State, request: Request, call: Call) -> Response:
    fault = state.faults.draw(request.method, request.path)
    call.fault = fault.kind if fault else None
    call.route = "(fault)"
    if _is_too_much(state):
        wait = 1 if state.settings.retry_after else None
        return TooManyRequests(retry_after=wait).get_response()
    _wait(state, fault)
    if fault is None or fault.kind == "delay":
        return _carry_out(state, request, call)
    done = _carry_out(state, request, call) if fault.when == "after" else None
    return distort(fault, done)


def _is_too_much(state: State) -> bool:
    settings = state.settings
    return bool(
        0 < settings.calls_per_second < state.calls.this_second
        or 0 < settings.parallel_calls < state.overlaps.calls_now
    )


def _wait(state: State, fault: Fault | None) -> None:
    latency = state.settings.latency
    seconds = random.uniform(*latency) if isinstance(latency, list) else latency
    if fault and fault.kind == "delay":
        seconds += fault.seconds
    if seconds > 0:
        state.stopping.wait(seconds)


def _carry_out(state: State, request: Request, call: Call) -> Response:
    try:
        with state.lock:
            call.route = "(refused)"
            verify(request, state.credentials, state.settings, state.nonces)
            call.route = "(unknown)"
            call.route, endpoint = _match(state, request)
            check_content(request, state.settings)
            return shortened(endpoint(state, request), state.settings)
    except HTTPException as error:
        return shortened(error.get_response(), state.settings)
    except Exception:
        # A cut connection would look like a fault that somebody switched on.
        log.exception("A call went wrong")
        return backend_exception().get_response()


def _match(state: State, request: Request) -> tuple[str, Endpoint]:
    settings = state.settings
    if settings.automation_list and request.path == settings.automation_list_path:
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(["GET"])
        return "/automation/list", automation.listing
    try:
        return match(ROUTES, request)
    except NotFound as error:
        if not settings.json_for_unknown_path:
            raise
        raise ApiError(404, "RESOURCE_NOT_FOUND", "Not found") from error
