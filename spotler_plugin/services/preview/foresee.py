"""Foresee what a run would do with some contacts, by what our tables know: Spotler is not called.

Plans as the run does (`services/sync/prepare`), which asks Spotler where that matters.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from spotler_plugin.models import ADDING, SWITCHING, Act, Environment, RunKind
from spotler_plugin.planning.block import Terms
from spotler_plugin.planning.plan import ADDRESS, Change, plan_all
from spotler_plugin.planning.state import Observed, Wanted
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.consent.acts import foresee_acts
from spotler_plugin.services.consent.sign_off import last_sign_offs
from spotler_plugin.services.desired import Desired
from spotler_plugin.services.link.address import (
    addresses_of,
    foresee_rivals,
    leavers_of,
    linked_among,
    moving,
)
from spotler_plugin.services.link.former import find_strangers
from spotler_plugin.services.mirror.read import find_mirrored_by_address, find_observed


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The plan of some contacts, the addresses that they would get, and their sign-offs."""

    changes: Mapping[str, Change]
    addresses: Mapping[str, str]
    sign_offs: Mapping[tuple[str, int], Act]
    """Contact and bit to the act by which it stays off, where we know it."""


def foresee(
    owner: Environment,
    kind: RunKind,
    contact_ids: Collection[str],
    desired: Desired,
    types: Mapping[str, PropertyType],
    *,
    permissions: Mapping[int, bool],
    claims: Mapping[str, str],
) -> Foreseen:
    """Plan these contacts; `permissions` are switched for each of them, by an act of this moment.

    `claims` has the addresses that other contacts of the same run would get.
    """
    wanted = dict(desired.wanted)
    known = find_observed(owner.id, wanted)
    addresses = moving(wanted, known)
    terms = _terms(owner, kind, wanted, known, {**claims, **addresses})
    theirs = addresses_of(wanted, known)
    if permissions:
        verdicts = foresee_acts(owner.id, permissions, theirs)
        wanted = {id_: each.judged(verdicts[id_]) for id_, each in wanted.items()}
    changes = plan_all(contact_ids, wanted, known, terms.__getitem__, types, desired.unreadable)
    off = {id_: theirs[id_] for id_, each in changes.items() if each.detail.signed_off}
    return Foreseen(changes, addresses, last_sign_offs(owner.id, off) if off else {})


def _terms(
    owner: Environment,
    kind: RunKind,
    wanted: Mapping[str, Wanted],
    known: Mapping[str, Observed],
    claims: Mapping[str, str],
) -> dict[str, Terms]:
    addresses = {id_: claims[id_] for id_ in wanted if id_ in claims}
    rivals = foresee_rivals(owner.id, claims, addresses)
    linked = linked_among(addresses, known)
    holders = find_mirrored_by_address(owner.id, linked) if linked else {}
    leavers = leavers_of(holders, linked, claims)
    own = {
        id_: str(each.properties.get(ADDRESS) or "")
        for id_, each in known.items()
        if each.external_id == id_
    }
    seconds = find_mirrored_by_address(owner.id, own) if own and kind in SWITCHING else {}
    strangers = _strangers(owner, wanted, own)
    return {
        id_: Terms(
            adds=kind in ADDING,
            rival=rivals.get(id_),
            holder=holders.get(id_),
            leaver=leavers.get(id_),
            is_out=id_ in seconds and not seconds[id_].active,
            stranger=id_ in strangers,
        )
        for id_ in wanted
    }


def _strangers(
    owner: Environment, wanted: Mapping[str, Wanted], own: Mapping[str, str]
) -> set[str]:
    """Return the contacts whose id somebody else has, since the account was replaced."""
    if owner.account_since is None:
        return set()
    return find_strangers(owner.id, {id_: (own[id_], wanted[id_].address) for id_ in own})
