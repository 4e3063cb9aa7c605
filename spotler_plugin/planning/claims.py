"""The addresses that contacts would have by then, while a preview goes over them chunk by chunk."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from spotler_plugin.planning.plan import Change

Holding = Collection[tuple[str, str | None]]
"""Contacts that are linked now, each with the address that it has."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Contact id to address, of contacts whose address would change; no two may get the same."""

    went: Mapping[str, str] = field(default_factory=dict)
    """Those that get it, and leave the one that they had."""
    stayed: Mapping[str, str] = field(default_factory=dict)
    """Linked contacts that do not get it: they keep others from it, and keep what they had."""

    def rivals(
        self, moves: Mapping[str, str], holding: Holding, linked: Collection[str]
    ) -> dict[str, str]:
        """Return contact id to the other contact that holds its address by then, or was first to
        want it.

        These claims are of earlier chunks, `moves` the addresses that this one's would get,
        `holding` who has them now, and `linked` those of this chunk that are linked.
        """
        moved = self.went.keys() | self.stayed.keys() | moves.keys()
        lasting = [(id_, address) for id_, address in holding if id_ not in moved]
        holders: dict[str | None, list[tuple[str, bool]]] = {}
        for other_id, other_address in (*lasting, *self.went.items(), *self.stayed.items()):
            holders.setdefault(other_address, []).append((other_id, True))
        for other_id, other_address in moves.items():
            holders.setdefault(other_address, []).append((other_id, other_id in linked))
        found: dict[str, str] = {}
        for contact_id, address in moves.items():
            for other_id, is_linked in holders[address]:
                if other_id != contact_id and (is_linked or other_id < contact_id):
                    found.setdefault(contact_id, other_id)
        return found


NO_CLAIMS = Claims()


def claims_of(
    moves: Mapping[str, str], changes: Mapping[str, Change], linked: Collection[str]
) -> Claims:
    """Return the claims of one chunk; who is not linked, and is not written, claims nothing."""
    went = {id_: to for id_, to in moves.items() if changes[id_].writes}
    return Claims(went, {id_: to for id_, to in moves.items() if id_ in linked and id_ not in went})
