"""How values are shown: Dutch numbers, moments and pages."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask

HERE = ZoneInfo("Europe/Amsterdam")
MONTHS = ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"]
PAGE_SIZE = 25
STATUSES = {
    "synced": "Gesynchroniseerd",
    "not_synced": "Niet gesynchroniseerd",
    "inactive": "Inactief",
    "pending": "Bezig",
    "error": "Mislukt",
}
"""What the plugin says of a contact, in the words of its data block."""


@dataclass(frozen=True)
class Paging:
    """The position in a list."""

    page: int
    total: int

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one too."""
        return max(1, -(-self.total // PAGE_SIZE))

    @property
    def offset(self) -> int:
        """The number of rows before this page."""
        return (self.page - 1) * PAGE_SIZE

    @classmethod
    def of(cls, asked: int, total: int) -> "Paging":
        """Return the requested page, or the nearest that exists."""
        return cls(min(max(1, asked), cls(1, total).pages), total)


def number(value: int) -> str:
    """Format 1234 as 1.234."""
    return f"{value:,}".replace(",", ".")


def euros(value: int) -> str:
    """An amount without cents."""
    return f"€ {number(value)}"


def moment(value: str) -> str:
    """Format an ISO moment as "23 nov 2026 14:05", in Dutch time."""
    if not value:
        return ""
    local = datetime.fromisoformat(value).astimezone(HERE)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year} {local:%H:%M}"


def spotler_status(value: str) -> str:
    """The plugin's status in words; one that is not known yet stays as it is."""
    return STATUSES.get(value, value)


def register_filters(app: Flask) -> None:
    """Register these as filters of the templates."""
    for view in (number, euros, moment, spotler_status):
        app.jinja_env.filters[view.__name__] = view
