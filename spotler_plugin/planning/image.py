"""What a contact was before a change, and what the change made of it, as the ledger keeps them."""

from __future__ import annotations

from typing import Any

from spotler_plugin.planning.plan import Change

Image = dict[str, Any]


def before(change: Change) -> Image:
    return dict(change.before)


def after(change: Change) -> Image:
    return {
        "properties": dict(change.sets),
        "cleared": sorted(change.clears),
        "permissions": {str(bit): enabled for bit, enabled in change.permissions.items()},
    }


def earliest(first: Image | None, then: Image) -> Image:
    """Of two tries at one contact: what was there before the first of them touched it."""
    if first is None:
        return then
    return {
        **first,
        "properties": {**then["properties"], **first["properties"]},
        "permissions": {**then["permissions"], **first["permissions"]},
    }


def latest(first: Image | None, then: Image) -> Image:
    """Of two tries at one contact: what both together made of it."""
    if first is None:
        return then
    properties = {**first["properties"], **then["properties"]}
    cleared = ({*first["cleared"]} - {*then["properties"]}) | {*then["cleared"]}
    return {
        "properties": {name: properties[name] for name in properties.keys() - {*then["cleared"]}},
        "cleared": sorted(cleared),
        "permissions": {**first["permissions"], **then["permissions"]},
    }
