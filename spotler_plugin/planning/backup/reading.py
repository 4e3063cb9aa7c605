"""Read the rows of a file: each a contact, or refused with what is wrong and where."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spotler_plugin.planning.backup.cells import Cell, may_change, read
from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.planning.backup.damage import damage, is_telephone
from spotler_plugin.planning.backup.fault import Fault, Refused
from spotler_plugin.planning.backup.layout import Column, Form, Layout
from spotler_plugin.planning.backup.values import (
    CONVERTED,
    id_of,
    json_of,
    moment_of,
    number_of,
    pasted_id_of,
    status_of,
    switch_of,
)
from spotler_plugin.planning.values.types import PropertyType


@dataclass(frozen=True, slots=True)
class Candidate:
    """A contact that a row is of; its id has yet to be compared with those that are known."""

    contact: BackedUp
    id_column: int | None
    id_exact: bool
    """Whether no spreadsheet can have changed the id."""


Take = Callable[[Cell], Any]


class RowReader:
    """What each column of a file is, so that its rows can be read."""

    def __init__(self, keys: Sequence[str], layout: Layout) -> None:
        self._keys = list(keys)
        self.ours = "version" in self._keys
        columns = {each.name: each for each in layout.columns}
        self._takes: list[tuple[int, str, Take]] = [
            (at, key, take)
            for at, key in enumerate(self._keys)
            if (take := self._take(key, columns)) is not None
        ]

    def read(self, cells: Sequence[str]) -> Candidate | None:
        """Return the row's contact; None for an empty row. Raises Refused."""
        if not any(cells):
            return None
        if len(cells) != len(self._keys) and any(cells[len(self._keys) :] or ["short"]):
            raise Refused(Fault.SHORT)
        found: dict[str, Any] = {}
        exact: dict[str, tuple[int, bool]] = {}
        for at, key, take in self._takes:
            if cells[at]:
                cell = read(cells[at], ours=self.ours)
                exact[key] = (at, cell.exact)
                try:
                    found[key] = take(cell)
                except Refused as refused:
                    raise Refused(refused.fault, at, cells[at]) from None
        contact = _assembled(found)
        if not contact.external_id and not contact.address:
            raise Refused(Fault.NOBODY)
        column, is_exact = exact.get("external_id", (None, True))
        return Candidate(contact, column, is_exact)

    def _take(self, key: str, columns: Mapping[str, Column]) -> Take | None:
        kind, _, name = key.partition(":")
        match kind:
            case "property" if name in columns:
                return self._of_property(columns[name])
            case "json":
                return json_of
            case "entry" | "permission" | "channel" | "test_group" | "temporary":
                return switch_of
            case "status":
                return status_of
            case "created" | "changed":
                return moment_of
            case "external_id" | "encrypted_id":
                return id_of if self.ours else pasted_id_of
        return None

    def _of_property(self, column: Column) -> Take:
        if column.form is Form.NUMBER:
            return number_of
        convert = CONVERTED.get(column.type)
        telephone = column.type is PropertyType.MOB_NR or is_telephone(column.name, column.label)

        def take(cell: Cell) -> str:
            if cell.exact or (self.ours and not may_change(cell.text)):
                return cell.text
            if convert is not None:
                return convert(cell.text)
            if fault := damage(cell.text, is_telephone=telephone):
                raise Refused(fault)
            return cell.text

        return take


def _assembled(found: Mapping[str, Any]) -> BackedUp:
    properties: dict[str, Any] = {}
    permissions: dict[int, bool] = {}
    channels: dict[str, bool] = {}
    for key, value in found.items():
        kind, _, name = key.partition(":")
        match kind:
            case "property" | "json":
                properties[name] = value
            case "entry":
                of_set, _, bit = name.rpartition(":")
                properties.setdefault(of_set, {})[int(bit)] = value
            case "permission":
                permissions[int(name)] = value
            case "channel":
                channels[name] = value
    return BackedUp(
        external_id=found.get("external_id"),
        encrypted_id=found.get("encrypted_id"),
        properties=properties,
        permissions=permissions,
        active=found.get("status"),
        channels=channels,
        created=found.get("created"),
        last_changed=found.get("changed"),
        test_group=found.get("test_group"),
        temporary=found.get("temporary"),
    )
