"""What a contact had in Spotler before a run, and what of that can go back.

Nothing that is known now is taken for what the run did: a value goes back only where Spotler still
has the run's. Of permissions only what the run switched on may change, and only to off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from spotler_plugin.planning.detail import Since
from spotler_plugin.planning.image import Earlier
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.state import UNKNOWN, Observed, Wanted
from spotler_plugin.planning.values import sets as bit_sets
from spotler_plugin.planning.values.equality import same
from spotler_plugin.planning.values.types import PropertyType


def settle_all(
    wanted: Mapping[str, Wanted],
    known: Mapping[str, Observed],
    types: Mapping[str, PropertyType],
) -> dict[str, Wanted]:
    """Fill in what goes back, now that it is known what Spotler has; others stay as they are."""
    return {
        id_: _settled(each, each.earlier, known.get(id_), types)
        if each.earlier is not None
        else _kept(each, known.get(id_))
        for id_, each in wanted.items()
    }


def switched_on(earlier: Earlier) -> frozenset[int]:
    """Return the permissions that the run switched on."""
    before, after = earlier.before.permissions, earlier.after.permissions
    return frozenset(bit for bit, on in after.items() if on and not before.get(bit, False))


def without_renamed(
    earlier: Earlier, renamed: Mapping[str, Mapping[int, str]]
) -> tuple[Earlier, dict[str, tuple[str, ...]]]:
    """Leave out the entries of sets that would go on and are called otherwise since: their bits may
    be another's by now. Return these as well, by set, as they are called."""
    properties, left = dict(earlier.before.properties), {}
    for name in renamed.keys() & properties.keys():
        was, sent = bit_sets.bits_of(properties[name]), earlier.after.properties.get(name)
        back = sorted((bit_sets.on_in(was) - bit_sets.on_in(sent)) & renamed[name].keys())
        if back:
            properties[name] = {bit: on for bit, on in was.items() if bit not in back}
            left[name] = tuple(renamed[name][bit] for bit in back)
    before = replace(earlier.before, properties=properties)
    return replace(earlier, before=before), left


def _kept(wanted: Wanted, observed: Observed | None) -> Wanted:
    """Let it have the address that Spotler has, where it is not to get another one."""
    if not wanted.keeps_address or observed is None or not observed.address:
        return wanted
    return replace(wanted, address=observed.address)


def _settled(
    wanted: Wanted, earlier: Earlier, observed: Observed | None, types: Mapping[str, PropertyType]
) -> Wanted:
    known = observed or UNKNOWN
    values: dict[str, Any] = {}
    since: list[Since] = []
    # Of one that the run created there is nothing to go back to, and it cannot be deleted.
    for name, was in earlier.before.properties.items() if earlier.before.existed else ():
        now, sent = known.properties.get(name), earlier.after.properties.get(name)
        kind = types.get(name, PropertyType.STRING)
        if kind is PropertyType.SET:
            # Each bit is as the run made it, or it went back already.
            on = bit_sets.on_in(was)
            values[name] = {bit: bit in on for bit in on ^ bit_sets.on_in(sent)}
        elif now == was:
            continue
        elif earlier.overrides or same(now, sent, kind):
            values[name] = was
        else:
            since.append(Since(name, sent, now))
    stays_off = [
        bit
        for bit, on in earlier.after.permissions.items()
        if not on and earlier.before.permissions.get(bit) and not known.is_on(bit)
    ]
    address = values.pop(ADDRESS, None) or known.properties.get(ADDRESS) or wanted.address
    return replace(
        wanted,
        address=str(address) if address else None,
        values=values,
        is_exact=True,
        told=replace(
            wanted.told,
            since=wanted.told.since + tuple(since),
            stays_off=tuple(sorted(stays_off)),
            stays_on=tuple(bit for bit in wanted.told.stays_on if known.is_on(bit)),
            stays_linked=earlier.before.external_id != wanted.contact_id,
        ),
    )
