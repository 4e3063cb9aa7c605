"""Search all that the database holds for a person, also where it is encrypted."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import LargeBinary, Row, select

from spotler_plugin.extensions import Model, db
from spotler_plugin.models import Backup
from spotler_plugin.services.backup.seal import Seal

SEALED = {"backup_chunk": "chunk {0.number}", "backup_refusal": "refusal",
          "backup_piece": "piece {0.number}"}  # fmt: skip
"""Where the binary values of these tables belong, as their backup's key seals them."""


def traces_of(words: Collection[str]) -> list[str]:
    """The columns in which one of these words stands, in any letters."""
    db.session.expire_all()
    lowered = [word.lower() for word in words]
    return sorted(
        {
            f"{table}.{column}"
            for table, column, text in _texts()
            if any(word in text.lower() for word in lowered)
        }
    )


def _texts() -> Iterator[tuple[str, str, str]]:
    for table in Model.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            for column in table.columns:
                yield table.name, column.name, _text(table.name, row, column.name)


def _text(table: str, row: Row[Any], name: str) -> str:
    value = getattr(row, name)
    if table in SEALED and name in ("content", "value"):
        return _unsealed(table, row, value)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if hasattr(value, "to_json"):
        value = value.to_json()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _unsealed(table: str, row: Row[Any], value: bytes) -> str:
    backup = db.session.get_one(Backup, row.backup_id)
    seal, place = Seal(backup.id, backup.key), SEALED[table].format(row)
    if table == "backup_chunk":
        return json.dumps(seal.open_json(place, value), ensure_ascii=False)
    try:
        return seal.open(place, value).decode(errors="replace")
    except InvalidTag:
        raise AssertionError(f"{table} is sealed otherwise") from None


def binary_columns() -> set[str]:
    """The columns whose values are bytes, so that a new one is not forgotten above."""
    return {
        f"{table.name}.{column.name}"
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
