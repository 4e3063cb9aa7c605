"""Faults and switches that a demonstration needs."""

from werkzeug import Response
from werkzeug.utils import redirect

from demo.spotler.digits import whole_number
from demo.spotler.faults import KINDS
from demo.spotler.pages.rendering import page
from demo.spotler.request import Request
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


def show(state: State, request: Request) -> Response:
    """Show what is set."""
    return page(
        "disturbances.html",
        section="storingen",
        faults=state.faults.active,
        settings=state.settings.as_json(),
        labels=LABELS,
        kinds=KINDS,
    )


def add(state: State, request: Request) -> Response:
    """Set a fault, for all calls or for the next few."""
    times = request.form.get("times", "")
    state.faults.add(
        {
            "kind": request.form.get("kind", ""),
            "when": request.form.get("when", "before"),
            "times": whole_number(times),
            "seconds": 3.0,
        }
    )
    return redirect("/storingen", 303)


def clear(state: State, request: Request) -> Response:
    """Remove all faults."""
    state.faults.clear()
    return redirect("/storingen", 303)
