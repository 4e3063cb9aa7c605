"""Faults for the CRM's API, and the calls that were made to it."""

from dataclasses import asdict

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue

from demo.crm.control.json_body import json_body
from demo.crm.crm import crm
from demo.crm.faults import KINDS, WHEN, Fault

blueprint = Blueprint("faults", __name__)


@blueprint.get("/faults")
def list_faults() -> ResponseReturnValue:
    """List the faults that are set."""
    return jsonify(faults=[asdict(fault) for fault in crm().faults.all()])


@blueprint.post("/faults")
def add_fault() -> ResponseReturnValue:
    """{"kind", "calls": N or null, "path": prefix, "method", "retry_after", "seconds",
    "when"}."""
    body = json_body()
    if body.get("kind") not in KINDS:
        abort(400, f"kind is one of {', '.join(KINDS)}.")
    if body.get("when", "before") not in WHEN:
        abort(400, f"when is one of {', '.join(WHEN)}.")
    try:
        crm().faults.add(Fault(**body))
    except TypeError as error:
        abort(400, str(error))
    return list_faults()


@blueprint.delete("/faults")
def clear_faults() -> ResponseReturnValue:
    """Remove all faults."""
    crm().faults.clear()
    return list_faults()


@blueprint.get("/calls")
def list_calls() -> ResponseReturnValue:
    """The plugin's calls to the CRM's API, oldest first."""
    return jsonify(calls=[asdict(call) for call in crm().calls.all()])


@blueprint.delete("/calls")
def clear_calls() -> ResponseReturnValue:
    """Forget the calls."""
    crm().calls.clear()
    return list_calls()
