"""The session token: who acts, in which widget, on what (crm-developer.md §2).

It is encrypted and carries everything, so nothing is stored; the environment is read again with
each request, so one that is disabled or removed is refused at once.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from cryptography.fernet import InvalidToken
from flask import g, request
from structlog.contextvars import bind_contextvars

from spotler_plugin.embedding import frame
from spotler_plugin.extensions import cipher, db
from spotler_plugin.models import Environment
from spotler_plugin.services.actor import Actor

LIFE_SECONDS = 30 * 60
KIND = "widget-session"
"""Marks a session, because the same keys encrypt other things too."""

Permission = Literal["read", "edit", "admin"]
PERMISSIONS = ("read", "edit", "admin")
"""Each includes those before it."""

PLAIN = ("widget", "permission", "origin", "lang", "channel")
"""Attributes that the token contains unchanged."""

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


class SessionExpired(Exception):
    """No session, or an expired one; the widget asks the CRM for a new launch token."""


class SessionRefused(Exception):
    """The session's environment is disabled, removed or no longer knows the origin."""


class NotAllowed(Exception):
    """The session is of another widget, or does not permit this."""


@dataclass(frozen=True, slots=True)
class Session:
    environment: Environment
    actor: Actor
    widget: str
    resource_type: str
    resource_id: str | None
    permission: str
    origin: str
    lang: str
    channel: str

    def may(self, permission: Permission) -> bool:
        return allows(self.permission, permission)

    @property
    def contact_id(self) -> str:
        """The contact that the widget was launched on. Raises NotAllowed for another resource."""
        if self.resource_type != "contact" or self.resource_id is None:
            raise NotAllowed
        return self.resource_id

    @property
    def selection_id(self) -> str:
        """The CRM's selection that it was launched on. Raises NotAllowed for another resource."""
        if self.resource_type != "selection" or self.resource_id is None:
            raise NotAllowed
        return self.resource_id

    def same_but_newer(self, other: Session) -> bool:
        """Return whether `other` may replace this one: same environment, user, widget, resource."""
        mine, theirs = (
            (one.environment.id, one.actor.id, one.widget, one.resource_type, one.resource_id)
            for one in (self, other)
        )
        return mine == theirs


def allows(held: str, asked: str) -> bool:
    return PERMISSIONS.index(held) >= PERMISSIONS.index(asked)


def enter(session: Session) -> Session:
    """Make it the session of this request."""
    g.session = session
    bind_contextvars(environment=session.environment.id)
    frame.show_to(session.environment)
    return session


def seal(session: Session) -> str:
    """Return the token of a session, which contains all of it, encrypted."""
    content = {
        "kind": KIND,
        "issued": int(time.time()),
        "environment": session.environment.id,
        "key": session.environment.key,
        "actor": [session.actor.id, session.actor.name],
        "resource": [session.resource_type, session.resource_id],
        **{name: getattr(session, name) for name in PLAIN},
    }
    return cipher.fernet.encrypt(json.dumps(content).encode()).decode()


def read(token: str | None = None, *, even_expired: bool = False) -> Session:
    """Return the session of a token, or else of this request's `Authorization` header.

    Raises SessionExpired without a valid token, SessionRefused when the environment does not
    accept it any more.
    """
    content = _unsealed(bearer() if token is None else token)
    if not even_expired and content["issued"] + LIFE_SECONDS < time.time():
        raise SessionExpired
    environment = db.session.get(Environment, content["environment"])
    # The id of a removed environment may be reused, so the key is compared too.
    if environment is None or environment.key != content["key"]:
        raise SessionRefused
    if environment.disabled_at is not None or content["origin"] not in environment.crm_origins:
        raise SessionRefused
    return Session(
        environment=environment,
        actor=Actor(*content["actor"]),
        resource_type=content["resource"][0],
        resource_id=content["resource"][1],
        **{name: content[name] for name in PLAIN},
    )


def bearer() -> str:
    """Return the token of this request's `Authorization` header, or "".

    Read here, because werkzeug fails on a `Basic` that is no base64.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.isascii() else ""


def _unsealed(token: str) -> dict[str, Any]:
    if not token:
        raise SessionExpired
    try:
        content = json.loads(cipher.fernet.decrypt(token))
    except (InvalidToken, ValueError) as error:
        raise SessionExpired from error
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise SessionExpired
    return content


def require(
    widget: str | Collection[str], permission: Permission
) -> Callable[[Callable[Concatenate[Session, Arguments], Result]], Callable[Arguments, Result]]:
    """Load and authorise: the view gets the Session as its first argument, or is not called.

    `widget` is the one that may ask, or several that share a screen.
    """
    widgets = (widget,) if isinstance(widget, str) else widget

    def decorate(
        view: Callable[Concatenate[Session, Arguments], Result],
    ) -> Callable[Arguments, Result]:
        @wraps(view)
        def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            session = enter(read())
            if session.widget not in widgets or not session.may(permission):
                raise NotAllowed
            return view(session, *args, **kwargs)

        return guarded

    return decorate


def data_for_script(session: Session) -> dict[str, Any]:
    """Return what static/widget/session.js reads from the page, and removes from it at once."""
    return {
        "session": seal(session),
        "origin": session.origin,
        "channel": session.channel,
    }
