"""Verify launch tokens: what they must claim, and that each is used once (crm-developer.md §2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from structlog.contextvars import bind_contextvars

from spotler_plugin.embedding import frame
from spotler_plugin.embedding.refusal import UNREADABLE, LaunchRefused, because_of
from spotler_plugin.embedding.session import PERMISSIONS, Session, allows
from spotler_plugin.extensions import snapshot
from spotler_plugin.models import Environment, SecretKind
from spotler_plugin.services import environment as environments
from spotler_plugin.services import launch
from spotler_plugin.services.actor import Actor, shown_name
from spotler_plugin.services.contact_id import is_crm_id

ALGORITHM = "HS256"
"""The only one accepted, whatever the token's header says."""

AUDIENCE = "spotler-plugin"
TYPE = "crm-launch+jwt"
LONGEST_LIFE = timedelta(seconds=120)
LEEWAY = timedelta(seconds=10)
CLAIMS = ("iss", "aud", "sub", "name", "iat", "nbf", "exp", "jti", "widget", "resource",
          "permission", "origin", "channel")  # fmt: skip
LANGUAGES = ("nl", "en")
LONGEST_TEXT = 200

WIDGETS: dict[str, tuple[tuple[str, ...], str]] = {
    "data-block": (("contact",), "read"),
    "contact-modal": (("contact",), "read"),
    "bulk-step": (("selection",), "edit"),
    "automatic-action": (("automatic-action", "none"), "admin"),
    "admin": (("none",), "admin"),
}
"""Per widget what it can be launched on, and the least permission (crm-developer.md §6)."""


def unverified_claims(token: str) -> dict[str, Any]:
    """Decode a token's claims without verification; empty when it cannot be read."""
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except UNREADABLE:
        return {}
    return claims


def lang_of(claims: dict[str, Any]) -> str | None:
    """Return the requested language; safe before verification, because only words depend on it."""
    lang = claims.get("lang", "nl") if claims else None
    return lang if lang in LANGUAGES else None


def verify(token: str, said: dict[str, Any]) -> Session:
    """Verify a launch token and record its use; `said` is what `unverified_claims` returned for it.

    Raises LaunchRefused for any fault. The caller commits: the used `jti` is the only effect.
    """
    # Without the write lock, which may not come: then the refusal is shown all the same.
    with snapshot():
        environment = _environment_of(said)
        secret = _secret_that_signed(token, environment)
    if environment is None:
        raise LaunchRefused("iss is no environment, or the token cannot be read")
    bind_contextvars(environment=environment.id)
    if secret is None:
        raise LaunchRefused("not signed with the launch secret")
    # From here on the CRM itself is asking: its page may show a refusal too.
    frame.show_to(environment)
    if environment.disabled_at is not None:
        raise LaunchRefused("the environment is disabled")
    claims = _claims(token, secret, environment)
    session = _session(environment, claims)
    expires_at = datetime.fromtimestamp(claims["exp"], UTC) + LEEWAY
    if not launch.use_up(environment.id, _text(claims, "jti"), expires_at):
        raise LaunchRefused("jti was used before")
    return session


def _environment_of(said: dict[str, Any]) -> Environment | None:
    """Return the environment whose secrets to try; nothing else is used before the signature."""
    key = said.get("iss")
    fit = isinstance(key, str) and key.isascii() and key.isprintable()
    return environments.find(str(key)) if fit else None


def _secret_that_signed(token: str, environment: Environment | None) -> str | None:
    """Try all valid secrets: the token may have been signed before a rotation.

    Nothing is told by how long a refusal takes: where there is no environment, a decoy is tried.
    """
    secrets = (
        environments.valid_secrets(environment, SecretKind.LAUNCH)
        if environment
        else environments.decoy_secrets(SecretKind.LAUNCH)
    )
    for secret in secrets:
        try:
            jwt.PyJWS().decode(token, secret, algorithms=[ALGORITHM])
        except UNREADABLE:
            continue
        return secret
    return None


def _claims(token: str, secret: str, environment: Environment) -> dict[str, Any]:
    try:
        decoded = jwt.decode_complete(
            token,
            secret,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=environment.key,
            leeway=LEEWAY,
            options={"require": list(CLAIMS)},
        )
    except UNREADABLE as error:
        raise because_of(error, unverified_claims(token)) from error
    if decoded["header"].get("typ") != TYPE:
        raise LaunchRefused("typ is another")
    claims: dict[str, Any] = decoded["payload"]
    return claims


def _session(environment: Environment, claims: dict[str, Any]) -> Session:
    if any(type(claims[name]) not in (int, float) for name in ("iat", "nbf", "exp")):
        raise LaunchRefused("iat, nbf or exp is not a number")
    if not 0 < claims["exp"] - claims["iat"] <= LONGEST_LIFE.total_seconds():
        raise LaunchRefused("exp is not 1 to 120 seconds after iat")
    if claims["origin"] not in environment.crm_origins:
        raise LaunchRefused("origin is not registered")
    widget, permission = _text(claims, "widget"), _text(claims, "permission")
    types, least = WIDGETS.get(widget, ((), "admin"))
    resource_type, resource_id = _resource(claims["resource"])
    if resource_type not in types:
        raise LaunchRefused(
            "widget is unknown, or not for this type of resource", is_unknown=widget not in WIDGETS
        )
    if permission not in PERMISSIONS or not allows(permission, least):
        raise LaunchRefused(
            "permission is unknown, or too low for the widget",
            lacks_right=permission in PERMISSIONS,
        )
    lang = claims.get("lang", "nl")
    if lang not in LANGUAGES:
        raise LaunchRefused("lang is unknown")
    if len(_text(claims, "channel")) < 16:
        raise LaunchRefused("channel is shorter than 16 characters")
    return Session(
        environment=environment,
        actor=Actor(id=_text(claims, "sub"), name=_words(claims, "name")),
        widget=widget,
        resource_type=resource_type,
        resource_id=resource_id,
        permission=permission,
        origin=claims["origin"],
        lang=lang,
        channel=claims["channel"],
    )


def _resource(value: Any) -> tuple[str, str | None]:
    if not isinstance(value, dict):
        raise LaunchRefused("resource is not an object")
    if value.get("type") == "none":
        return "none", None
    if not is_crm_id(value.get("id")):
        raise LaunchRefused("resource.id is not an id")
    return _text(value, "type"), value["id"]


def _words(values: dict[str, Any], name: str) -> str:
    """Return a claim that people read: nobody is kept out for what nobody sees in it."""
    value = values.get(name)
    words = shown_name(value) if isinstance(value, str) else ""
    if not words:
        raise LaunchRefused(f"{name} is not a text")
    return words


def _text(values: dict[str, Any], name: str) -> str:
    """Return a claim that is plain text, without control characters, which no column accepts."""
    value = values.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_TEXT or not value.isprintable():
        raise LaunchRefused(f"{name} is not a text")
    return value
