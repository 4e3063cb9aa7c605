"""Calls to the plugin's own API; without the plugin there is no answer."""

from dataclasses import dataclass

import requests

from demo.crm.settings import Settings

TIMEOUT = 3.0


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


def _get(settings: Settings, path: str) -> object:
    headers = {"Authorization": f"Bearer {settings.api_token}", "Accept": "application/json"}
    try:
        url = settings.plugin_url.rstrip("/") + path
        answer = requests.get(url, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        return answer.json() if answer.ok else None
    except requests.RequestException:
        # Happens when the plugin is away, slow, or does not send JSON: the page says so.
        return None
