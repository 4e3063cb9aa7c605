"""Faults and switches, with the few that a demonstration needs."""

from demo.spotler.faults import KINDS
from demo.spotler.messages import Request, Response
from demo.spotler.pages.rendering import back_to, form, page
from demo.spotler.routing import Routes
from demo.spotler.state import State

LABELS = {
    "rate_limit": "Te veel aanroepen (429)",
    "backend_exception": "Fout in Spotler (500)",
    "unavailable": "Niet bereikbaar (503)",
    "drop": "Verbinding valt weg",
    "html": "Webpagina in plaats van JSON",
    "half_json": "Halve JSON",
    "unauthorized": "Onbekende key (401)",
    "forbidden": "Geen licentie (403)",
    "delay": "Traag antwoord (3 s)",
}
routes = Routes()


@routes.on("GET", "/storingen")
def show(state: State, request: Request) -> Response:
    """What is set now."""
    return page(
        "disturbances.html",
        section="storingen",
        faults=state.faults.active,
        settings=state.settings.as_json(),
        labels=LABELS,
        kinds=KINDS,
    )


@routes.on("POST", "/storingen")
def add(state: State, request: Request) -> Response:
    """One more fault, for all calls or for the next few."""
    fields = form(request)
    times = fields.get("times", "")
    state.faults.add(
        {
            "kind": fields.get("kind", ""),
            "when": fields.get("when", "before"),
            "times": int(times) if times.isdigit() else None,
            "seconds": 3.0,
        }
    )
    return back_to("/storingen")


@routes.on("POST", "/storingen/wissen")
def clear(state: State, request: Request) -> Response:
    """Behave again."""
    state.faults.clear()
    return back_to("/storingen")
