"""Ids in bodies: texts, and numbers too (spotler-api.md §7 [C])."""

from typing import Any

from demo.spotler.errors import invalid_params


def id_in(value: Any) -> str | None:
    """The id as text; None for what is none, so that null is never kept as "None"."""
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        return None
    return str(value)


def ids_in(body: dict[str, Any], name: str) -> list[str]:
    """A list of ids in a body, or a 400."""
    given = body.get(name)
    found = [id_in(each) for each in given] if isinstance(given, list) else [None]
    ids = [each for each in found if each is not None]
    if len(ids) < len(found):
        raise invalid_params(f"{name} is a list of ids")
    return ids
