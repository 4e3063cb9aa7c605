"""Enrolments, mailings and calls, newest first."""

import json

from werkzeug import Response

from demo.spotler.calls import Call
from demo.spotler.pages.rendering import page
from demo.spotler.request import Request
from demo.spotler.state import State

MOST_SHOWN = 200
LONGEST_BODY = 4000


def automations(state: State, request: Request) -> Response:
    """The flows and who was enrolled."""
    flows = state.account.automations
    counts = {
        flow.id: sum(run.automation is flow for run in flows.enrolments) for flow in flows.all
    }
    return page(
        "automations.html",
        section="automations",
        automations=flows.all,
        counts=counts,
        enrolments=flows.enrolments[: -MOST_SHOWN - 1 : -1],
    )


def mailings(state: State, request: Request) -> Response:
    """The mailings and their counts."""
    rows = []
    for mailing in reversed(state.account.mailings.all):
        sent = state.account.mailings.of(mailing)
        rows.append(
            (
                mailing,
                len(sent),
                sum(bool(delivery.opened_at) for delivery in sent),
                sum(bool(delivery.clicked_at) for delivery in sent),
                sum(bool(delivery.bounce) for delivery in sent),
            )
        )
    return page("mailings.html", section="mailings", rows=rows)


def _body(call: Call) -> str:
    text = call.body[: LONGEST_BODY * 4].decode(errors="replace")
    try:
        text = json.dumps(json.loads(call.body or b"null"), indent=2, ensure_ascii=False)
    except ValueError:
        return text[:LONGEST_BODY]
    return "" if text == "null" else text[:LONGEST_BODY]


def calls(state: State, request: Request) -> Response:
    """The last calls with their bodies."""
    found = state.calls.find({"limit": str(MOST_SHOWN)})
    return page(
        "calls.html",
        section="aanroepen",
        total=state.calls.total,
        busiest=state.calls.busiest_second,
        overlaps=state.overlaps,
        calls=[(call, _body(call)) for call in reversed(found)],
    )
