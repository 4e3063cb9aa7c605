"""The addresses that contacts would have by then, while a preview goes over them chunk by chunk."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from spotler_plugin.planning.plan import Change


@dataclass(frozen=True, slots=True)
class Claims:
    """Contact id to address, of contacts whose address would change; no two may get the same."""

    went: Mapping[str, str] = field(default_factory=dict)
    """Those that get it, and leave the one that they had."""
    stayed: Mapping[str, str] = field(default_factory=dict)
    """Linked contacts that do not get it: they keep others from it, and keep what they had."""

    @property
    def all(self) -> dict[str, str]:
        return {**self.went, **self.stayed}

    def and_those(
        self,
        moves: Mapping[str, str],
        changes: Mapping[str, Change],
        linked: Collection[str],
    ) -> Claims:
        """Return a copy with the contacts of one more chunk; who is not linked, and is not written,
        claims nothing."""
        went = {id_: to for id_, to in moves.items() if changes[id_].writes}
        stayed = {id_: to for id_, to in moves.items() if id_ in linked and id_ not in went}
        return Claims({**self.went, **went}, {**self.stayed, **stayed})

    def to_json(self) -> dict[str, Any]:
        return {"went": dict(self.went), "stayed": dict(self.stayed)}


NO_CLAIMS = Claims()
