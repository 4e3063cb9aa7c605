"""Somebody who opens widgets of one environment, over HTTP, and takes the time of it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

import requests

from demo.crm.launch import Launch, Widget, issue
from demo.crm.settings import Settings
from demo.crm.users import USERS

CHANNEL = "channel-of-a-benchmark"
SESSION = re.compile(r'"session":\s*"([^"]+)"')
PATIENCE = 60


@dataclass
class Visitor:
    """`settings` are those of the environment's CRM."""

    settings: Settings
    plugin_url: str
    client: requests.Session = field(default_factory=requests.Session)
    _sessions: dict[Widget, str] = field(default_factory=dict)

    def launch(self, widget: Widget, contact_id: str) -> float:
        """Open a widget; return the seconds."""
        token = issue(self.settings, USERS[0], Launch(widget, "contact", contact_id, CHANNEL))
        seconds, html = timed(
            self.client,
            "POST",
            f"{self.plugin_url}/launch",
            data={"token": token},
            headers={"Origin": self.settings.origin},
        )
        found = SESSION.search(html)
        assert found is not None
        self._sessions[widget] = found[1]
        return seconds

    def ask(self, widget: Widget, method: str, path: str) -> float:
        """Ask for a part of a widget that was launched; return the seconds."""
        headers = {"Authorization": f"Bearer {self._sessions[widget]}", "HX-Request": "true"}
        return timed(self.client, method, f"{self.plugin_url}{path}", headers=headers)[0]


def timed(
    client: requests.Session,
    method: str,
    url: str,
    *,
    data: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[float, str]:
    """Return the seconds that a request took, and the page."""
    started = time.perf_counter()
    answer = client.request(method, url, data=data, headers=headers, timeout=PATIENCE)
    seconds = time.perf_counter() - started
    answer.raise_for_status()
    return seconds, answer.text
