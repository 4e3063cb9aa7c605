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

    def launch(self, widget: Widget, id: str, resource: str = "contact") -> float:
        """Open a widget on a contact, or another resource; return the seconds."""
        token = issue(self.settings, USERS[0], Launch(widget, resource, id, CHANNEL))
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
        return self.send(widget, method, path, {})[0]

    def send(
        self, widget: Widget, method: str, path: str, form: dict[str, str]
    ) -> tuple[float, str]:
        """Send a form of a widget that was launched; return the seconds, and what came."""
        headers = {"Authorization": f"Bearer {self._sessions[widget]}", "HX-Request": "true"}
        url = f"{self.plugin_url}{path}"
        return timed(self.client, method, url, data=form or None, headers=headers)


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
