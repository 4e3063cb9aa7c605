"""Words of an automatic action that two people fill in: what the other one changed."""

from __future__ import annotations

from typing import Any

from spotler_plugin.planning.adjustment import Switch
from spotler_plugin.planning.draft import (
    AUTOMATION,
    DESCRIPTION,
    NAME,
    NOTE,
    PERMISSION,
    STATUS,
    Draft,
    Part,
    changed,
)
from spotler_plugin.services.automatic_action.choices import Choices
from spotler_plugin.translation import gettext as _


def meanwhile_points(seen: Draft, mine: Draft, now: Draft, choices: Choices) -> list[str]:
    """What was saved since `seen`; where the reader changed the same, theirs is kept."""
    own = set(changed(seen, mine))
    return [_point(part, seen, now, choices, part in own) for part in changed(seen, now)]


def _point(part: Part, seen: Draft, now: Draft, choices: Choices, is_own: bool) -> str:
    words = {
        "what": _label(part, choices),
        "before": _value(part[0], seen.parts.get(part)),
        "after": _value(part[0], now.parts.get(part)),
    }
    if is_own:
        return _("%(what)s: van %(before)s naar %(after)s; hieronder staat jouw keuze", **words)
    return _("%(what)s: van %(before)s naar %(after)s", **words)


def _label(part: Part, choices: Choices) -> str:
    kind, number = part
    of_kind = {PERMISSION: choices.permissions, AUTOMATION: choices.automations}.get(kind, ())
    known = {each.key: each.label for each in of_kind}
    return {
        NAME: _("Naam"),
        DESCRIPTION: _("Beschrijving"),
        NOTE: _("Notitie"),
        STATUS: _("Status"),
    }.get(kind) or known.get(number, str(number))


def _value(kind: str, value: Any) -> str:
    if isinstance(value, Switch):
        return f"{_('aan')} ({value.ground})" if value.enabled else _("uit")
    if kind == PERMISSION:
        return _("ongewijzigd")
    if kind == AUTOMATION:
        return _("aan") if value else _("uit")
    if kind == STATUS:
        return {True: _("Actief"), False: _("Inactief"), None: _("Ongewijzigd")}[value]
    return f"“{value}”" if value else _("leeg")
