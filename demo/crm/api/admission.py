"""Authenticate and log every call of the API, and apply the faults that are set."""

import hmac
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, g, jsonify, make_response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from demo.crm.calls import Call
from demo.crm.crm import crm
from demo.crm.failing import fail


def guard(blueprint: Blueprint) -> None:
    """Admit and log every call of this blueprint."""
    blueprint.before_request(admit)
    blueprint.after_request(write_down)
    blueprint.register_error_handler(HTTPException, refuse)


def admit() -> ResponseReturnValue | None:
    """Log the call, apply a fault that is set, and check the token."""
    path = request.path.removeprefix("/api")
    fault = crm().faults.take(request.method, path)
    g.call = Call(
        at=datetime.now(UTC).isoformat(),
        method=request.method,
        path=path,
        query=request.args.to_dict(),
        body=request.get_json(silent=True),
        idempotency_key=request.headers.get("Idempotency-Key"),
        fault=fault.kind if fault else None,
    )
    crm().calls.add(g.call)
    if fault is not None and fault.when == "before" and (answer := fail(fault)) is not None:
        return answer
    g.fault = fault if fault is not None and fault.when == "after" else None
    expected = f"Bearer {crm().settings.api_token}".encode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected):
        abort(401, "Onbekend token.")
    return None


def write_down(response: Response) -> Response:
    """Spoil the answer where a fault says so, and add the status to the logged call."""
    fault = g.get("fault")
    if fault is not None and (spoilt := fail(fault)) is not None:
        response = make_response(spoilt)
    if "call" in g:
        g.call.status = response.status_code
    response.headers["Cache-Control"] = "no-store"
    return response


def refuse(error: HTTPException) -> ResponseReturnValue:
    """Answer a refusal as JSON."""
    answer = jsonify(error=error.name.lower().replace(" ", "_"), detail=error.description)
    if isinstance(error, MethodNotAllowed):
        answer.allow.update(error.valid_methods or ())
    return answer, error.code or 500
