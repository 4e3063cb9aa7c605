"""What an event says (crm-developer.md §4), or what is wrong with it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from spotler_plugin.models import EventType
from spotler_plugin.planning.values.parse import text
from spotler_plugin.services.contact_id import is_crm_id

LONGEST = 200
"""Characters of a text that we keep."""
LONGEST_VERSION = 64
MOST_FIELDS = 500
IDS, WORDS = ("id", "sale_id"), ("from_phase", "to_phase")
"""Of a transition."""


class Malformed(Exception):
    """The body is not an event; the message says in English what is wrong, and quotes nothing."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event as the CRM told it: ids, and no names of people."""

    type: EventType
    sent_at: datetime
    contact_id: str | None = None
    merged_id: str | None = None
    relation_id: str | None = None
    version: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


def read_body(body: bytes) -> Told:
    """Read an event. Raises Malformed. What it holds besides is left out."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not JSON.") from error
    if not isinstance(given, dict):
        raise Malformed("The body is not an object.")
    kind, data = given.get("type"), given.get("data")
    if not isinstance(kind, str) or kind not in tuple(EventType):
        raise Malformed("type is none of: " + ", ".join(EventType) + ".")
    if not isinstance(data, dict):
        raise Malformed("data is not an object.")
    sent_at = _moment(given, "timestamp")
    return Told(type=EventType(kind), sent_at=sent_at, **READERS[EventType(kind)](data))


def _changed(data: dict[str, Any]) -> dict[str, Any]:
    return {"contact_id": _id(data, "contact_id"), "version": _version(data)}


def _deleted(data: dict[str, Any]) -> dict[str, Any]:
    return {"contact_id": _id(data, "contact_id")}


def _merged(data: dict[str, Any]) -> dict[str, Any]:
    kept, merged = _id(data, "kept_id"), _id(data, "merged_id")
    if kept == merged:
        raise Malformed("data.kept_id and data.merged_id are the same.")
    return {"contact_id": kept, "merged_id": merged}


def _relation(data: dict[str, Any]) -> dict[str, Any]:
    names = data.get("changed_fields")
    if not isinstance(names, list) or len(names) > MOST_FIELDS:
        raise Malformed(f"data.changed_fields is not a list of {MOST_FIELDS} texts at most.")
    if not all(_is_words(name) for name in names):
        raise Malformed(_not_words("data.changed_fields"))
    changed = [text(name) for name in names]
    return {"relation_id": _id(data, "relation_id"), "data": {"changed_fields": changed}}


def _triggered(data: dict[str, Any]) -> dict[str, Any]:
    given = data.get("transition")
    if not isinstance(given, dict):
        raise Malformed("data.transition is not an object.")
    for name in IDS:
        if not _is_text(given.get(name)):
            raise Malformed(_not_text(f"data.transition.{name}"))
    for name in WORDS:
        # A sale that has just been made came from no phase.
        if not _is_words(given.get(name)) and (name != "from_phase" or given.get(name) is not None):
            raise Malformed(_not_words(f"data.transition.{name}"))
    _moment(given, "at", "data.transition.")
    transition = {
        **{name: given[name] for name in (*IDS, "at")},
        **{name: text(given.get(name))[:LONGEST] or None for name in WORDS},
    }
    return {
        "contact_id": _id(data, "contact_id"),
        "data": {"action_id": _id(data, "action_id"), "transition": transition},
    }


READERS: Mapping[EventType, Callable[[dict[str, Any]], dict[str, Any]]] = {
    EventType.CONTACT_CHANGED: _changed,
    EventType.CONTACT_DELETED: _deleted,
    EventType.CONTACT_MERGED: _merged,
    EventType.CONTACT_ERASED: _deleted,
    EventType.RELATION_CHANGED: _relation,
    EventType.ACTION_TRIGGERED: _triggered,
}


def _id(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not is_crm_id(value):
        raise Malformed(f"data.{name} is not an id: letters, digits, '-', '_', ':' and '.'.")
    return value


def _version(data: dict[str, Any]) -> str:
    """Return the version as text; a number and the same number in a text are one version."""
    value = data.get("version")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _is_text(value) or len(value) > LONGEST_VERSION:
        raise Malformed(f"data.version is no number or text of 1 to {LONGEST_VERSION} characters.")
    return value


def _moment(data: dict[str, Any], name: str, within: str = "") -> datetime:
    value = data.get(name)
    try:
        moment = datetime.fromisoformat(value if isinstance(value, str) else "")
        if moment.tzinfo is None:
            raise ValueError("without an offset")
        # At the ends of the calendar some have none in UTC.
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed(f"{within}{name} is not a moment as 2026-11-25T14:05:00+01:00.") from error


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST and all(map(_is_seen, value))


def _is_words(value: Any) -> bool:
    """Return whether people wrote it: for what nobody sees in it, no event is refused."""
    return isinstance(value, str) and value != ""


def _not_words(name: str) -> str:
    return f"{name} is not a text."


def _is_seen(character: str) -> bool:
    """Return whether a character is a space or is seen; one that Unicode got since may be."""
    category = unicodedata.category(character)
    return character == " " or category == "Cn" or category[0] not in "CZ"


def _not_text(name: str) -> str:
    return f"{name} is not printable text of 1 to {LONGEST} characters."
