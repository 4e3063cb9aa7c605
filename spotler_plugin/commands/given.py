"""What an operator gives on the command line, checked before it is stored."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import click

from spotler_plugin.services import environment as environments


def origin(value: str) -> str:
    """An exact origin, as a browser sends it."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or value != _joined(parts):
        raise click.BadParameter(
            f"{value} is not an exact origin such as https://acme.yoobi.example.",
            param_hint="--crm-origin",
        )
    return value


def _joined(parts: Sequence[str]) -> str:
    return f"{parts[0]}://{parts[1]}"


def url(value: str) -> str:
    """A base URL, without a slash at its end."""
    if urlsplit(value).scheme not in ("http", "https"):
        raise click.BadParameter(f"{value} is not an http(s) URL.")
    return value.rstrip("/")


def region(value: str) -> str:
    """The country of telephone numbers without a code, as ISO 3166 has it."""
    if not environments.is_region(value.upper()):
        raise click.BadParameter(
            f"{value} is not a country such as NL or BE.", param_hint="--region"
        )
    return value.upper()
