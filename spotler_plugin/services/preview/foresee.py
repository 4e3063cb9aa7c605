"""Plan some contacts as their run would, by what our tables know: Spotler is not called.

A run of many and an automatic action on one contact are foreseen alike; `sync/prepare` does the
same when it is carried out, and asks Spotler where it counts.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from spotler_plugin.models import Act, Environment
from spotler_plugin.planning.block import Terms
from spotler_plugin.planning.claims import NO_CLAIMS, Claims, claims_of
from spotler_plugin.planning.plan import Change, plan_all
from spotler_plugin.planning.state import Observed, Wanted
from spotler_plugin.planning.undo.earlier import settle_all
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.consent.acts import foresee_acts, signed_off_with
from spotler_plugin.services.consent.erased import erased_among
from spotler_plugin.services.consent.owner import NOTHING_SAID, settled_among
from spotler_plugin.services.consent.sign_off import last_sign_offs
from spotler_plugin.services.desired import Desired
from spotler_plugin.services.link.address import (
    addresses_of,
    find_holding,
    find_linked,
    leavers_of,
    linked_among,
    moving,
)
from spotler_plugin.services.link.former import find_unwritten, strangers_among
from spotler_plugin.services.mirror.read import find_mirrored_by_address, find_observed


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run may do, and what it is asked to switch."""

    adds: bool
    """Whether it may link contacts."""
    permissions: Mapping[int, bool]


@dataclass(frozen=True, slots=True)
class Foresight:
    changes: Mapping[str, Change]
    claims: Claims
    """Of these contacts."""
    sign_offs: Mapping[tuple[str, int], Act]
    """Contact and permission to the act by which it stays off, where one is known."""


Earlier = Callable[[Collection[str], Collection[str]], Claims]
"""Finds the claims on these addresses, and those of these contacts, of contacts planned before."""


def nobody_before(_addresses: Collection[str], _contact_ids: Collection[str]) -> Claims:
    return NO_CLAIMS


def foresee_changes(
    owner: Environment,
    contact_ids: Collection[str],
    desired: Desired,
    types: Mapping[str, PropertyType],
    asked: Asked,
    earlier: Earlier = nobody_before,
) -> Foresight:
    """Plan these contacts, after those whose claims `earlier` finds."""
    wanted = dict(desired.wanted)
    known = find_observed(owner.id, wanted)
    wanted = settle_all(wanted, known, types)
    addresses = addresses_of(wanted, known)
    erased = erased_among(owner.id, addresses)
    moves = {id_: each for id_, each in moving(wanted, known).items() if id_ not in erased}
    linked = find_linked(owner.id, moves) if moves else set()
    terms = _terms(owner, wanted, known, asked, earlier, moves, linked)
    terms |= {id_: replace(terms[id_], erased=True) for id_ in erased}
    if asked.permissions:
        verdicts = foresee_acts(owner.id, asked.permissions, addresses)
        wanted = {id_: each.judged(verdicts[id_]) for id_, each in wanted.items()}
    changes = plan_all(contact_ids, wanted, known, terms.__getitem__, types, desired.unplanned)
    off = {id_: addresses[id_] for id_, each in changes.items() if each.detail.signed_off}
    sign_offs = last_sign_offs(owner.id, off) if off else {}
    return Foresight(changes, claims_of(moves, changes, linked), sign_offs)


def _terms(
    owner: Environment,
    wanted: Mapping[str, Wanted],
    known: Mapping[str, Observed],
    asked: Asked,
    earlier: Earlier,
    moves: Mapping[str, str],
    linked: Collection[str],
) -> dict[str, Terms]:
    """Return what the run allows for each contact, and who stands in the way of its new address."""
    known_there = linked_among(moves, known)
    holders = find_mirrored_by_address(owner.id, known_there) if known_there else {}
    signed_off = signed_off_with(owner.id, known_there) if known_there else {}
    settled = settled_among(owner.id, moves) if moves else NOTHING_SAID
    rivals, went = _rivals(owner, earlier, moves, linked, holders)
    leavers = leavers_of(holders, known_there, {**went, **moves})
    own = {id_: each.address for id_, each in known.items() if each.external_id == id_}
    second = find_mirrored_by_address(owner.id, own) if own and asked.permissions else {}
    unwritten = find_unwritten(owner.id, own) if own else {}
    strangers = strangers_among(unwritten, {id_: (own[id_], wanted[id_].address) for id_ in own})
    return {
        id_: Terms(
            adds=asked.adds,
            is_owner=id_ in settled.owned,
            left_to=settled.left.get(id_),
            rival=rivals.get(id_),
            holder=holders.get(id_),
            leaver=leavers.get(id_),
            signed_off=signed_off.get(id_, frozenset()),
            is_out=id_ in second and not second[id_].active,
            is_first=id_ in unwritten,
            stranger=id_ in strangers,
        )
        for id_ in wanted
    }


def _rivals(
    owner: Environment,
    earlier: Earlier,
    moves: Mapping[str, str],
    linked: Collection[str],
    holders: Mapping[str, Observed],
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return who keeps contacts from their new address, and where the `holders` of it go.

    It is what `link.address.reserve_addresses` will find; a preview reserves nothing.
    """
    if not moves:
        return {}, {}
    addresses = set(moves.values())
    holding = find_holding(owner.id, addresses)
    others = {id_ for id_, _ in holding} | {each.external_id or "" for each in holders.values()}
    claims = earlier(addresses, others)
    return claims.rivals(moves, holding, linked), claims.went
