"""What arrived: calls, enrolments and statistics."""

from demo.spotler.messages import Request, Response, json_answer
from demo.spotler.routing import Routes
from demo.spotler.state import State

routes = Routes()


@routes.on("GET", "/_sandbox")
def summary(state: State, request: Request) -> Response:
    """The account in a few numbers."""
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


@routes.on("GET", "/_sandbox/calls")
def calls(state: State, request: Request) -> Response:
    """The kept calls; see ``Calls.find`` for the filters."""
    found = state.calls.find(request.query)
    with_body = request.query.get("body", "yes") != "no"
    shown = [call.as_json(body=with_body) for call in found]
    return json_answer({"total": state.calls.total, "calls": shown})


@routes.on("DELETE", "/_sandbox/calls")
def forget_calls(state: State, request: Request) -> Response:
    """Forget calls and statistics."""
    state.calls.clear()
    state.overlaps.reset()
    return json_answer({"total": 0, "calls": []})


@routes.on("GET", "/_sandbox/statistics")
def statistics(state: State, request: Request) -> Response:
    """Calls per endpoint and outcome, and whatever overlapped."""
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


@routes.on("GET", "/_sandbox/enrolments")
def enrolments(state: State, request: Request) -> Response:
    """All enrolments, oldest first; ``?externalId=`` for one contact's."""
    wanted = request.query.get("externalId")
    found = [
        run.as_json()
        for run in state.account.automations.enrolments
        if wanted in (None, run.contact.external_id)
    ]
    return json_answer({"total": len(found), "enrolments": found})
