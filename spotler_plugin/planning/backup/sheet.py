"""The columns of a backup's CSV: the manual's first, then everything else.

The headings are Dutch, whoever asks: by them a file is recognised when it comes back.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from spotler_plugin.cleaning import clean
from spotler_plugin.planning.backup.cells import written
from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.planning.backup.layout import Column, Form, Layout

VERSION = "1"
"""Of the file: a file with this column was written here."""
YES, NO = "ja", "nee"
ACTIVE, INACTIVE = "Actief", "Inactief"
MANUAL = (
    ("E-mailadres", ("email",)),
    ("Voornaam", ("firstName",)),
    ("Achternaam", ("lastName",)),
    ("Functie", ("functie", "function", "jobTitle")),
    ("Bedrijfsnaam", ("organisation", "organization", "company")),
)
"""The headings of Spotler's own list (manual, picture 1), and how accounts call the property."""

Cells = Callable[[BackedUp], str]


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the file; `key` says what it is, as `sheet` below makes it."""

    key: str
    heading: str
    cell: Cells


def sheet(layout: Layout) -> list[SheetColumn]:
    """Return the columns of a file with this layout, each with a heading of its own."""
    first, rest = _manual(layout)
    columns = [
        *first,
        SheetColumn("status", "E-mail status", _status),
        SheetColumn("external_id", "External id", lambda each: _text(each.external_id)),
        *(column for each in rest for column in _of_property(each)),
        *(
            SheetColumn(f"permission:{bit}", f"Permissie: {label}", _permission(bit))
            for bit, label in layout.permissions.items()
        ),
        SheetColumn("encrypted_id", "Spotler-id", lambda each: _text(each.encrypted_id)),
        SheetColumn("created", "Aangemaakt in Spotler", lambda each: _moment(each.created)),
        SheetColumn("changed", "Gewijzigd in Spotler", lambda each: _moment(each.last_changed)),
        SheetColumn("test_group", "In testgroep", lambda each: _switch(each.test_group)),
        SheetColumn("temporary", "Tijdelijk contact", lambda each: _switch(each.temporary)),
        SheetColumn("channel:EMAIL", "Kanaal EMAIL", _channel("EMAIL")),
        SheetColumn("channel:SMS", "Kanaal SMS", _channel("SMS")),
        SheetColumn("version", "Back-upversie", lambda _: VERSION),
    ]
    return _told_apart(columns)


def row(columns: list[SheetColumn], contact: BackedUp) -> list[str]:
    return [each.cell(contact) for each in columns]


def normal(heading: str) -> str:
    """Return a heading as it is compared: without case, what surrounds it, and what nobody sees."""
    return " ".join(clean(heading).casefold().split())


def _manual(layout: Layout) -> tuple[list[SheetColumn], list[Column]]:
    """Return the manual's columns, there in any case, and the properties that are left."""
    left = {each.name: each for each in layout.columns}
    found = []
    for heading, names in MANUAL:
        fits = (
            name
            for name, each in left.items()
            if name in names or normal(each.label) == normal(heading)
        )
        column = left.pop(next(fits, ""), None)
        plain = column is not None and column.form is not Form.SET
        if column is not None and plain:
            found.append(_plain(column, heading))
        else:
            found.append(SheetColumn("", heading, lambda _: ""))
            if column is not None:
                left[column.name] = column
    return found, list(left.values())


def _of_property(column: Column) -> Iterator[SheetColumn]:
    if column.form is not Form.SET:
        yield _plain(column, column.label)
    else:
        for bit, label in column.bits.items():
            key, heading = f"entry:{column.name}:{bit}", f"{column.label}: {label}"
            yield SheetColumn(key, heading, _entry(column.name, bit))


def _plain(column: Column, heading: str) -> SheetColumn:
    if column.form is Form.MIXED:
        return SheetColumn(f"json:{column.name}", f"{heading} (JSON)", _json(column.name))
    make = _number if column.form is Form.NUMBER else _property
    return SheetColumn(f"property:{column.name}", heading, make(column.name))


def _told_apart(columns: list[SheetColumn]) -> list[SheetColumn]:
    """Add to headings that are there twice what tells them apart; the first keeps its own."""
    taken: Counter[str] = Counter()
    apart = []
    for each in columns:
        heading = each.heading
        if taken[normal(heading)]:
            heading = f"{heading} ({each.key.partition(':')[2] or each.key})"
        while taken[normal(heading)]:
            heading = f"{heading} ({each.key})"
        taken[normal(heading)] += 1
        apart.append(SheetColumn(each.key, heading, each.cell))
    return apart


def _text(value: str | None) -> str:
    return "" if value is None else written(value)


def _property(name: str) -> Cells:
    return lambda each: _text(each.properties.get(name))


def _number(name: str) -> Cells:
    def cell(each: BackedUp) -> str:
        value = each.properties.get(name)
        return "" if value is None else written(json.dumps(value))

    return cell


def _json(name: str) -> Cells:
    def cell(each: BackedUp) -> str:
        if name not in each.properties:
            return ""
        return written(json.dumps(_keys(each.properties[name]), ensure_ascii=False))

    return cell


def _keys(value: Any) -> Any:
    """A set in a column of mixed values: JSON has texts for keys."""
    return {str(key): each for key, each in value.items()} if isinstance(value, dict) else value


def _entry(name: str, bit: int) -> Cells:
    def cell(each: BackedUp) -> str:
        value = each.properties.get(name)
        return _switch(value.get(bit)) if isinstance(value, Mapping) else ""

    return cell


def _permission(bit: int) -> Cells:
    return lambda each: _switch(each.permissions.get(bit))


def _channel(name: str) -> Cells:
    return lambda each: _switch(each.channels.get(name))


def _status(each: BackedUp) -> str:
    return "" if each.active is None else ACTIVE if each.active else INACTIVE


def _switch(on: bool | None) -> str:
    return "" if on is None else YES if on else NO


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else written(moment.isoformat())
