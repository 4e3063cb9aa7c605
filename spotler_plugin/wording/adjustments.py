"""Words of what is asked for many contacts at once: fields, switches, starts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from spotler_plugin.planning.adjustment import Adjustment, MutableField, Switch
from spotler_plugin.planning.values.parse import AMSTERDAM
from spotler_plugin.planning.values.types import FieldType
from spotler_plugin.translation import exact_time, number, short_day
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.consent.permissions import permission_word
from spotler_plugin.wording.values.spelling import field_spelled


def field_lines(fields: Iterable[MutableField], asked: Adjustment) -> list[str]:
    """What changes in the CRM, in the order of its fields."""
    return [
        _change_words(field, asked.fields[field.name], asked)
        for field in fields
        if field.name in asked.fields
    ]


def switch_words(label: str, switch: Switch) -> str:
    """How a permission is switched, and on what ground."""
    if not switch.enabled:
        return _("%(name)s: uit", name=label)
    if not switch.ground:
        return _("%(name)s: aan", name=label)
    return _("%(name)s: aan, op grond van: %(ground)s", name=label, ground=switch.ground)


def switch_lines(asked: Adjustment, labels: Mapping[int, str]) -> list[str]:
    return [
        switch_words(permission_word(bit, labels), switch) for bit, switch in asked.switches.items()
    ]


def start_lines(asked: Adjustment, labels: Mapping[int, str]) -> list[str]:
    """Which automations are started; one that is gone has no label."""
    known = [labels[id_] for id_ in asked.automations if id_ in labels]
    return [_("%(name)s: wordt gestart", name=label) for label in known]


def _change_words(field: MutableField, value: Any, asked: Adjustment) -> str:
    words = {"field": field.label, "value": _value_words(field, value)}
    if value in (None, []):
        return _("%(field)s wordt leeggemaakt", **words)
    if isinstance(value, list) and not asked.replaces_keywords:
        return _("%(field)s: %(value)s komt erbij", **words)
    return _("%(field)s wordt %(value)s", **words)


def _value_words(field: MutableField, value: Any) -> str:
    labels = dict(field.choices)
    if isinstance(value, bool):
        return _("ja") if value else _("nee")
    if isinstance(value, list):
        return ", ".join(str(labels.get(each, each)) for each in value)
    if field.type is FieldType.DATE:
        return short_day(datetime.fromisoformat(value).replace(tzinfo=AMSTERDAM))
    if field.type is FieldType.DATETIME:
        return exact_time(datetime.fromisoformat(value))
    if field.type in (FieldType.MONEY, FieldType.GENDER) and value not in labels:
        return str(field_spelled(value, field.type, labels))
    if isinstance(value, int):
        return number(value)
    return str(labels.get(value, f"“{value}”"))
