"""What each kind of fault does to a call."""

import socket
import time
from collections.abc import Iterator

from flask import Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from demo.crm.faults import Fault

DRIP_SECONDS = 0.1
"""Between two pieces of an answer that drips."""
PAGE = "<!doctype html><title>Onderhoud</title><h1>We zijn zo terug</h1>"


def fail(fault: Fault) -> ResponseReturnValue | None:
    """Return the answer that a fault gives; None when the call goes on."""
    if fault.kind == "slow":
        time.sleep(fault.seconds)
        return None
    if fault.kind == "drip":
        return Response(_drip(fault.seconds), status=200, mimetype="application/json")
    if fault.kind == "drop":
        _hang_up()
        return Response(status=500)
    if fault.kind == "html":
        return Response(PAGE, status=200, mimetype="text/html")
    if fault.kind == "half":
        return Response('{"contacts": [{"id": "48AAE6', status=200, mimetype="application/json")
    if fault.kind == "empty":
        return Response(b"", status=200, mimetype="application/json")
    answer = make_response(jsonify(error="fault", detail="Zo gevraagd."), int(fault.kind))
    if fault.kind in ("429", "503"):
        answer.headers["Retry-After"] = str(fault.retry_after)
    return answer


def _drip(seconds: float) -> Iterator[bytes]:
    """Yield a space now and then, so that no socket finds that the line is dead."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield b" "
        time.sleep(DRIP_SECONDS)


def _hang_up() -> None:
    """Cut the connection without an answer; only a real server has one."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
