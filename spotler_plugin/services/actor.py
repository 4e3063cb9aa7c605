"""Who asks for something: a CRM user, as the launch token names them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """`name` is for the consent log and the screens, never for the logs."""

    id: str
    name: str
