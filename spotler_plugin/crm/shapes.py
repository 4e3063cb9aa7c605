"""Values in the CRM's answers: lists of objects, lists of ids, values by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from spotler_plugin.cleaning import clean_json
from spotler_plugin.crm.answer import unexpected
from spotler_plugin.rest.shapes import list_of_objects, read_each

T = TypeVar("T")


def listed(answer: Any, key: str, endpoint: str) -> list[Any]:
    """Return the list under a key, whatever its rows are, or raise InvalidAnswer."""
    found = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise unexpected(endpoint, writes=False)
    return found


def readable(value: Any, read: Callable[[dict[str, Any]], T | None], endpoint: str) -> list[T]:
    """Return what can be read of an array's rows (`read_each`), or raise InvalidAnswer."""
    found = read_each(value, read)
    if found is None:
        raise unexpected(endpoint, writes=False)
    return found


def rows(answer: Any, key: str, endpoint: str, *, writes: bool = False) -> list[dict[str, Any]]:
    """Return the list of objects under a key, or raise InvalidAnswer (a write: UnknownOutcome)."""
    found = list_of_objects(answer.get(key)) if isinstance(answer, dict) else None
    if found is None:
        raise unexpected(endpoint, writes)
    return found


def ids(answer: Any, key: str, endpoint: str, *, writes: bool = False) -> list[str]:
    """Return the list of ids under a key, or raise as `rows` does."""
    found = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(each, str | int) for each in found):
        raise unexpected(endpoint, writes)
    return [str(each) for each in found]


def values(raw: dict[str, Any], endpoint: str) -> dict[str, Any]:
    """Return the values by field name, without what nobody sees in a text.

    Raises InvalidAnswer if they are missing.
    """
    found = raw.get("fields")
    if not isinstance(found, dict):
        raise unexpected(endpoint, writes=False)
    return {name: clean_json(value) for name, value in found.items()}
