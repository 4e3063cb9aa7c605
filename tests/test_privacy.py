"""What docs/privacy.md says of the data is what the models keep: a new column is told there too."""

from __future__ import annotations

import re
from pathlib import Path

from spotler_plugin.extensions import Model
from spotler_plugin.models.columns import JsonOf
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.undo.patch import Patch

DOCUMENT = (Path(__file__).resolve().parents[1] / "docs/privacy.md").read_text()
TABLE = DOCUMENT[DOCUMENT.index("## The table of data") :]
ROW = re.compile(r"^\| `(\w+)` \| (\d) \| (.*?) \| (.*?) \|$", re.MULTILINE)
NAME = re.compile(r"`(\w+)`")

ANYWHERE = set(NAME.findall(TABLE[: TABLE.index("\n| Table")]))
TOLD = {
    table: (NAME.findall(people), NAME.findall(others))
    for table, _number, people, others in ROW.findall(TABLE)
}


def test_each_column_of_each_table_is_told_once() -> None:
    kept = {
        table.name: {column.name for column in table.columns} - ANYWHERE
        for table in Model.metadata.tables.values()
    }
    told = {table: set(people) | set(others) for table, (people, others) in TOLD.items()}
    assert told == kept
    twice = [table for table, (people, others) in TOLD.items() if set(people) & set(others)]
    assert twice == []


def test_what_is_common_occurs_somewhere() -> None:
    columns = {column.name for table in Model.metadata.tables.values() for column in table.columns}
    assert columns >= ANYWHERE


def test_values_of_contacts_are_told_as_data_of_people() -> None:
    """A column that is called as these are, or has images and details, is of people."""
    suspect = {"contact_id", "address", "actor_name", "name", "samples", "before", "after"}
    wrong = [
        f"{table.name}.{column.name}"
        for table in Model.metadata.tables.values()
        for column in table.columns
        if column.name in TOLD[table.name][1]
        and (column.name in suspect or _is_about_a_contact(column.type))
        and table.name not in OF_THINGS
    ]
    assert wrong == []


OF_THINGS = {"automatic_action", "environment", "field", "property"}
"""Tables of which a `name` is not a person's."""


def _is_about_a_contact(kind: object) -> bool:
    return isinstance(kind, JsonOf) and kind.value in (Detail, Image, Patch)


def test_each_table_belongs_to_what_is_explained() -> None:
    numbers = {number for _table, number, _people, _others in ROW.findall(TABLE)}
    for number in numbers:
        assert DOCUMENT.count(f"\n| {number} | **") == 2, "in Dutch and in English"
