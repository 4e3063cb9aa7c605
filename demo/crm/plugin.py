"""Calls to the plugin's own API; without the plugin there is no answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import requests

from demo.crm.settings import Settings

TIMEOUT = 3.0
LIST_TIMEOUT = 1.0
"""Seconds that a list waits for its column."""


@dataclass(frozen=True)
class AutomaticAction:
    """An automatic action as the plugin lists it."""

    id: str
    name: str
    description: str
    type: str


def automatic_actions(settings: Settings) -> list[AutomaticAction] | None:
    """Return the plugin's automatic actions, or None without an answer."""
    body = _get(settings, "/api/v1/automatic-actions")
    actions = body.get("actions") if isinstance(body, dict) else None
    if not isinstance(actions, list):
        return None
    return [
        AutomaticAction(
            id=str(each["id"]),
            name=str(each["name"]),
            description=str(each.get("description") or ""),
            type=str(each.get("type") or ""),
        )
        for each in actions
    ]


def statuses(settings: Settings, contact_ids: Sequence[str]) -> dict[str, str] | None:
    """Return contact id to its status in Spotler, or None without an answer; 500 ids at most."""
    body = _answer(
        settings, "POST", "/api/v1/contacts/statuses", LIST_TIMEOUT, {"ids": list(contact_ids)}
    )
    found = body.get("statuses") if isinstance(body, dict) else None
    if not isinstance(found, dict):
        return None
    return {id_: str(each["status"]) for id_, each in found.items()}


def _get(settings: Settings, path: str) -> object:
    return _answer(settings, "GET", path, TIMEOUT)


def _answer(
    settings: Settings, method: str, path: str, timeout: float, body: object = None
) -> object:
    headers = {"Authorization": f"Bearer {settings.api_token}", "Accept": "application/json"}
    try:
        url = settings.plugin_url.rstrip("/") + path
        answer = requests.request(
            method, url, json=body, headers=headers, timeout=timeout, allow_redirects=False
        )
        return answer.json() if answer.ok else None
    except requests.RequestException:
        # Happens when the plugin is away, slow, or does not send JSON: the page says so.
        return None
