"""Watch all statements that the plugin sends: each stays within one environment.

A statement on a table of `Owned` rows compares the table's `environment_id`, or its primary key,
or is joined by a foreign key to a table that does. What rightly goes across environments says so:
`.execution_options(across_environments=True)`. Statements of the tests themselves are free.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Connection, ExecutionContext

from spotler_plugin.extensions import Model
from spotler_plugin.models import Owned

ROOT = Path(__file__).resolve().parents[1]
PLUGIN, TESTS = str(ROOT / "spotler_plugin"), str(ROOT / "tests")

OWNED: dict[str, Table] = {
    mapper.local_table.name: mapper.local_table
    for mapper in Model.registry.mappers
    if issubclass(mapper.class_, Owned) and isinstance(mapper.local_table, Table)
}
_NAMES = "|".join(sorted(OWNED, key=len, reverse=True))
_USED = re.compile(rf"(?:\b(?:FROM|JOIN|UPDATE) |, )({_NAMES})\b(?: AS (\w+))?(?![.\w])")
_GIVEN = r"(?:\?|%\()"
# A given list is written so when it is empty.
_LIST = r"\((?:\?|%\(|NULL|SELECT 1 FROM \(SELECT 1\)|SELECT CAST\(NULL)"
# A list of columns holds commas too, and some columns are called as tables are.
_COLUMNS = re.compile(r"INSERT INTO \w+ \([^)]*\)|RETURNING [^()]*$|\bSET .*?(?=WHERE|$)")
# How `sql.unindexed` keeps a column from its index.
_ASIDE = re.compile(r"\(\+ ([\w.]+)\)")


class Watch:
    """What was sent without naming an environment."""

    def __init__(self) -> None:
        self.strayed: list[str] = []

    def see(
        self,
        _connection: Connection,
        _cursor: Any,
        statement: str,
        _parameters: Any,
        context: ExecutionContext,
        _many: bool,
    ) -> None:
        """As a listener to `before_cursor_execute`."""
        if context.execution_options.get("across_environments"):
            return
        if (strays := stray(statement)) and _sent_by_plugin():
            self.strayed.append(f"{', '.join(sorted(strays))} in: {statement}")


@lru_cache(maxsize=4096)
def stray(statement: str) -> frozenset[str]:
    """The owned tables, by the name that the statement gives them, of any environment."""
    plain = _ASIDE.sub(r"\1", re.sub(r"\s+", " ", statement))
    sql = _COLUMNS.sub(" ", plain)
    tables = {alias or name: OWNED[name] for name, alias in _USED.findall(sql)}
    tied = {name for name, table in tables.items() if _is_tied(sql, name, table)}
    while more := {
        name
        for name, table in tables.items()
        if name not in tied and any(_is_joined(sql, name, table, other) for other in tied)
    }:
        tied |= more
    return frozenset(tables) - tied


def _is_tied(sql: str, name: str, table: Table) -> bool:
    """Whether it compares its environment, or its key, with something given."""
    [key] = table.primary_key.columns.keys()
    column = rf"\b{name}\.(?:environment_id|{key})"
    return (
        re.search(rf"{column} = {_GIVEN}|{_GIVEN}\S* = {column}|{column} IN {_LIST}", sql)
        is not None
    )


def _is_joined(sql: str, name: str, table: Table, other: str) -> bool:
    """Whether it is joined with another table by the environment, or by a key of one of them."""
    keys = [
        each.name for each in table.columns if each.foreign_keys and each.name != "environment_id"
    ]
    pairs = [(f"{name}.{key}", f"{other}.id") for key in keys]
    pairs += [
        (f"{name}.id", rf"{other}\.\w+_id"),
        (f"{name}.environment_id", f"{other}.environment_id"),
    ]
    return any(re.search(rf"\b{one} = {two}\b|\b{two} = {one}\b", sql) for one, two in pairs)


def _sent_by_plugin() -> bool:
    """Whether the nearest of our own files that led to this is the plugin's, not a test's."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        name = frame.f_code.co_filename
        if name.startswith(PLUGIN):
            return True
        if name.startswith(TESTS) and name != __file__:
            return False
    return False
