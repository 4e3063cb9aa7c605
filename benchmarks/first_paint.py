"""First paint: data block and modal beside a bare page, by the same client on the same server."""

from __future__ import annotations

import sys
from collections.abc import Callable
from statistics import median, quantiles

import requests

from benchmarks.ground import Ground, ground
from benchmarks.table import Cell, show
from benchmarks.visitor import timed
from demo.ports import HOST, answers, free_ports
from demo.processes import wait_until

CONTACTS = 1000
PAINTS = 400
WARM_UP = 40
AIM = 3.0


def measure() -> None:
    taken: dict[str, list[float]] = {}
    with ground(CONTACTS) as here:
        here.plant()
        port = free_ports(1)[0]
        # As the stack serves the plugin.
        command = (sys.executable, "-m", "gunicorn", "benchmarks.bare:app", "--bind",
                   f"{HOST}:{port}", "--worker-class", "gthread", "--threads", "8",
                   "--no-control-socket")  # fmt: skip
        with here.running(command, 1), requests.Session() as client:
            bare = f"http://{HOST}:{port}"
            ids = list(here.people)
            if not wait_until(lambda: answers(f"{bare}/{ids[0]}"), 60):
                raise RuntimeError("The bare page does not come.")
            paints = _paints(here, client, bare)
            # In turns, so that what else the machine does hits all.
            for number in range(WARM_UP + PAINTS):
                for name, paint in paints.items():
                    seconds = paint(ids[number % len(ids)])
                    if number >= WARM_UP:
                        taken.setdefault(name, []).append(seconds * 1000)
    calls = {name: quantiles(each, n=20)[-1] for name, each in taken.items()}
    least = calls["bare page"]
    rows: list[list[Cell]] = [
        [name, median(each), calls[name], calls[name] / least] for name, each in taken.items()
    ]
    show("First paint", ("page", "median ms", "p95 ms", "× bare"), rows)
    most = max(p95 / least for p95 in calls.values())
    print(f"By p95 the slowest takes {most:.1f} times as long as a bare page (aim: {AIM:.0f}).")


def _paints(here: Ground, client: requests.Session, bare: str) -> dict[str, Callable[[str], float]]:
    visitor = here.visitor(client)
    return {
        "bare page": lambda id_: timed(client, "GET", f"{bare}/{id_}")[0],
        "data block, launch": lambda id_: visitor.launch("data-block", id_),
        "data block, status": lambda _id: visitor.ask("data-block", "GET", "/data-block/status"),
        "modal, launch": lambda id_: visitor.launch("contact-modal", id_),
    }
