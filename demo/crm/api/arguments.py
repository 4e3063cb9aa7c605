"""Arguments of a call: body, page size, cursor, moment and idempotency key."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import abort, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from demo.crm.answers import Answer, KeyReused
from demo.crm.crm import crm

MOST_ROWS = 1000


def once(work: Callable[[], Answer]) -> ResponseReturnValue:
    """Do a write at most once per Idempotency-Key."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        abort(400, "Een schrijvende aanroep heeft een Idempotency-Key.")
    asked = json.dumps([request.method, request.path, request.get_json()], sort_keys=True)
    try:
        status, answer = crm().answers.once(key, asked, work)
    except KeyReused:
        abort(422, "Deze Idempotency-Key hoort bij een andere aanroep.")
    return make_response(jsonify(answer), status)


def body() -> dict[str, Any]:
    """Return the JSON object that was sent."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(400, "De inhoud is geen JSON-object.")
    return body


def limit() -> int:
    """Return how many rows are requested."""
    raw = request.args.get("limit", "100")
    if not re.fullmatch(r"[0-9]{1,100}", raw, re.ASCII) or int(raw) < 1:
        abort(400, "limit is een getal vanaf 1.")
    return min(int(raw), MOST_ROWS)


def cursor() -> int:
    """Return the position where an earlier answer ended."""
    raw = request.args.get("after") or "v0"
    if not re.fullmatch(r"v[0-9]{1,18}", raw, re.ASCII):
        abort(400, "after is een cursor uit een eerder antwoord.")
    return int(raw[1:])


def since() -> str:
    """Return the requested moment in the database's format; empty for all."""
    raw = request.args.get("changed_since")
    if raw is None:
        return ""
    try:
        # Happens when the "+" of an offset was not escaped: it arrives as a space.
        moment = datetime.fromisoformat(raw.replace(" ", "+") if "T" in raw else raw)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        abort(400, "changed_since is een moment volgens ISO 8601.")
