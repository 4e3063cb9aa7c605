"""Who asks for something: a CRM user, as the launch token names them."""

from __future__ import annotations

from dataclasses import dataclass

from spotler_plugin.planning.values.parse import text

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is for the consent log and the screens, never for the logs."""

    id: str
    name: str


def shown_name(name: str) -> str:
    """Return a user's name as screens can show it: without what nobody sees, and not longer than
    we keep. Nobody is kept out for that."""
    return text(name)[:LONGEST_NAME]
