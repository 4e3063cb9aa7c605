"""Launch tokens: who opens which widget on what, signed for a minute (crm-developer.md §2)."""

import time
from dataclasses import dataclass
from typing import Literal, get_args
from uuid import uuid4

import jwt

from demo.crm.settings import Settings
from demo.crm.users import Permission, User

Widget = Literal["data-block", "contact-modal", "admin", "bulk-step", "automatic-action"]
WIDGETS: tuple[Widget, ...] = get_args(Widget)
RESOURCE: dict[Widget, tuple[str, ...]] = {
    "data-block": ("contact",),
    "contact-modal": ("contact",),
    "bulk-step": ("selection",),
    "automatic-action": ("automatic-action", "none"),
    "admin": ("none",),
}
NEEDED: dict[Widget, Permission] = {
    "data-block": "read",
    "contact-modal": "read",
    "bulk-step": "edit",
    "automatic-action": "admin",
    "admin": "admin",
}
LIFETIME = 60


@dataclass(frozen=True)
class Launch:
    """What a page wants to open; `channel` identifies the conversation between the frames."""

    widget: Widget
    resource_type: str
    resource_id: str
    channel: str
    lang: str = "nl"


def issue(settings: Settings, user: User, launch: Launch) -> str:
    """Issue a token, which the plugin accepts once."""
    now = int(time.time())
    claims = {
        "iss": settings.environment,
        "aud": "spotler-plugin",
        "sub": user.id,
        "name": user.name,
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME,
        "jti": str(uuid4()),
        "widget": launch.widget,
        "resource": {"type": launch.resource_type, "id": launch.resource_id},
        "permission": user.permission,
        "origin": settings.origin,
        "lang": launch.lang,
        "channel": launch.channel,
    }
    headers = {"typ": "crm-launch+jwt"}
    return jwt.encode(claims, settings.launch_secret, algorithm="HS256", headers=headers)
