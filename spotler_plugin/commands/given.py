"""What an operator gives on the command line: checked before it is stored.

What can never work is refused here, where somebody reads what is expected, and not found out by a
CRM that sees nothing but refusals.
"""

from __future__ import annotations

import base64
import re
from urllib.parse import SplitResult, urlsplit

import click

from spotler_plugin.models import SecretKind
from spotler_plugin.origin import EXPECTED, is_origin
from spotler_plugin.services import environment as environments

LONGEST_NAME, LONGEST_URL = 80, 500
LEAST_LAUNCH = 32
"""Characters; a shorter key of HS256 can be guessed (RFC 7518 §3.2)."""
LEAST_TOKEN = 16


def origin(value: str) -> str:
    """Return an origin exactly as browsers send it. Raises BadParameter."""
    if not is_origin(value):
        raise click.BadParameter(
            f"{value} will not do; expected is {EXPECTED}.", param_hint="--crm-origin"
        )
    return value


def api_url(value: str, option: str) -> str:
    """Return the base of an API, without a slash at its end. Raises BadParameter."""
    parts = _parts(value)
    if parts is None or parts.query or parts.fragment or len(value) > LONGEST_URL:
        raise click.BadParameter(
            f"expected is an address such as https://acme.yoobi.example/api, without user, "
            f"password and question mark, of at most {LONGEST_URL} characters.",
            param_hint=option,
        )
    return value.rstrip("/")


def name_of(value: str) -> str:
    """Return what the users call the CRM. Raises BadParameter."""
    if not value.strip() or not value.isprintable() or len(value) > LONGEST_NAME:
        raise click.BadParameter(
            f"a name is 1 to {LONGEST_NAME} characters on one line.", param_hint="--name"
        )
    return value.strip()


def region(value: str) -> str:
    """Return the country of telephone numbers without a code, as ISO 3166 has it."""
    if not environments.is_region(value.upper()):
        raise click.BadParameter(
            f"{value} is not a country such as NL or BE.", param_hint="--region"
        )
    return value.upper()


def secret_of(kind: SecretKind, value: str) -> str:
    """Return a secret that both sides can work with. Raises BadParameter, without the secret."""
    fits, expected = {
        SecretKind.LAUNCH: (
            len(value.encode()) >= LEAST_LAUNCH,
            f"a launch secret is {LEAST_LAUNCH} characters or more.",
        ),
        SecretKind.EVENTS: (
            _is_webhook_secret(value),
            'an events secret is "whsec_" and base64 of 24 to 64 bytes.',
        ),
        SecretKind.API: (
            re.fullmatch(rf"[!-~]{{{LEAST_TOKEN},}}", value) is not None,
            f"an API token is {LEAST_TOKEN} characters or more, without spaces and accents.",
        ),
    }[kind]
    if not fits:
        option = "--api-token" if kind is SecretKind.API else f"--{kind}-secret"
        raise click.BadParameter(expected, param_hint=option)
    return value


def _parts(value: str) -> SplitResult | None:
    """Return the parts of an http(s) address that names a host and nobody; None for another."""
    try:
        parts = urlsplit(value)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    fits = parts.scheme in ("http", "https") and named and "@" not in parts.netloc
    return parts if fits and value.isprintable() and " " not in value else None


def _is_webhook_secret(value: str) -> bool:
    prefix, _, rest = value.partition("_")
    try:
        size = len(base64.b64decode(rest, validate=True))
    except ValueError:
        return False
    return prefix == "whsec" and 24 <= size <= 64
