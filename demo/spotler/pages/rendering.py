"""Render templates."""

from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug import Response

from demo.spotler import dates

_MONTHS = ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]


def moment(at: int) -> str:
    """Format as 23 nov 2026 14:05:09."""
    local = datetime.fromtimestamp(at / 1000, dates.ZONE)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year} {local:%H:%M:%S}"


def number(value: int) -> str:
    """Format as 1.234."""
    return f"{value:,}".replace(",", ".")


_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(moment=moment, number=number)


def render(template: str, **values: Any) -> str:
    """Fill in a template."""
    return _environment.get_template(template).render(**values)


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Render a page; ``section`` is the current entry of the menu."""
    text = render(template, **values)
    return Response(text, status, {"Cache-Control": "no-store"}, mimetype="text/html")
