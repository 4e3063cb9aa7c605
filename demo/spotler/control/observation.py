"""What arrived: calls, enrolments and statistics."""

from werkzeug import Response

from demo.spotler.answers import json_answer
from demo.spotler.request import Request
from demo.spotler.state import State


def summary(state: State, request: Request) -> Response:
    """The account in some numbers."""
    account = state.account
    return json_answer(
        {
            "contacts": len(account.directory),
            "enrolments": len(account.automations.enrolments),
            "campaignParticipations": len(account.campaigns.participations),
            "calls": state.calls.total,
            "faults": len(state.faults.active),
        }
    )


def calls(state: State, request: Request) -> Response:
    """The kept calls; see ``Calls.find`` for the filters."""
    found = state.calls.find(request.args)
    with_body = request.args.get("body", "yes") != "no"
    shown = [call.as_json(body=with_body) for call in found]
    return json_answer({"total": state.calls.total, "calls": shown})


def forget_calls(state: State, request: Request) -> Response:
    """Forget calls and statistics."""
    state.calls.clear()
    state.overlaps.reset()
    return json_answer({"total": 0, "calls": []})


def statistics(state: State, request: Request) -> Response:
    """Calls per endpoint and outcome, and which writes overlapped."""
    calls = state.calls
    per_endpoint = {route: dict(counter) for route, counter in sorted(calls.by_route.items())}
    measured = {
        "calls": calls.total,
        "maxCallsInASecond": calls.busiest_second,
        "endpoints": per_endpoint,
        "contacts": len(state.account.directory),
        "enrolments": len(state.account.automations.enrolments),
    }
    return json_answer(measured | state.overlaps.as_json())


def enrolments(state: State, request: Request) -> Response:
    """All enrolments, oldest first; ``?externalId=`` for one contact's."""
    wanted = request.args.get("externalId")
    found = [
        run.as_json()
        for run in state.account.automations.enrolments
        if wanted in (None, run.contact.external_id)
    ]
    return json_answer({"total": len(found), "enrolments": found})
