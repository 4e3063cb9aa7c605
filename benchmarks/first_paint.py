"""First paint: data block and modal beside a bare page, by the same client on the same server."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from statistics import median, quantiles

import requests

from benchmarks.ground import Ground, ground
from benchmarks.table import Cell, show
from demo.crm.launch import Launch, Widget, issue
from demo.crm.settings import Settings
from demo.crm.users import USERS
from demo.ports import HOST, answers, free_ports
from demo.processes import wait_until
from demo.stack import ENVIRONMENT

CONTACTS = 1000
PAINTS = 400
WARM_UP = 40
CHANNEL = "channel-of-a-benchmark"
AIM = 3.0
SESSION = re.compile(r'"session":\s*"([^"]+)"')


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
    settings = Settings(
        environment=ENVIRONMENT,
        launch_secret=here.credentials.launch,
        origin=here.stack.crm_url,
    )
    sessions: dict[str, str] = {}

    def launched(widget: Widget, contact_id: str) -> float:
        token = issue(settings, USERS[0], Launch(widget, "contact", contact_id, CHANNEL))
        seconds, html = _timed(
            client,
            "POST",
            f"{here.stack.plugin_url}/launch",
            data={"token": token},
            headers={"Origin": here.stack.crm_url},
        )
        found = SESSION.search(html)
        assert found is not None
        sessions[widget] = found[1]
        return seconds

    def status(_contact_id: str) -> float:
        headers = {"Authorization": f"Bearer {sessions['data-block']}", "HX-Request": "true"}
        url = f"{here.stack.plugin_url}/data-block/status"
        return _timed(client, "GET", url, headers=headers)[0]

    return {
        "bare page": lambda id_: _timed(client, "GET", f"{bare}/{id_}")[0],
        "data block, launch": lambda id_: launched("data-block", id_),
        "data block, status": status,
        "modal, launch": lambda id_: launched("contact-modal", id_),
    }


def _timed(
    client: requests.Session,
    method: str,
    url: str,
    *,
    data: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[float, str]:
    started = time.perf_counter()
    answer = client.request(method, url, data=data, headers=headers, timeout=30)
    seconds = time.perf_counter() - started
    answer.raise_for_status()
    return seconds, answer.text
