"""Words of an act: from where it was switched, by whom, and whether Spotler has it."""

from __future__ import annotations

from collections.abc import Callable

from spotler_plugin.models import AddressAct, Source
from spotler_plugin.services.consent.seen import BOUNCE
from spotler_plugin.services.consent_log.acts import ActView
from spotler_plugin.services.consent_log.sheet import Standing
from spotler_plugin.translation import exact_time
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.consent.switches import by_whom

# Called when they are shown, because the language is the session's.
_SOURCES: dict[Source, Callable[[], str]] = {
    Source.MODAL: lambda: _("Scherm van de contactpersoon"),
    Source.BULK: lambda: _("Bulkmutatie"),
    Source.AUTOMATIC_ACTION: lambda: _("Automatische actie"),
    Source.ADMIN: lambda: _("Beheer"),
    Source.SPOTLER: lambda: "Spotler",
    Source.CRM: lambda: _("Gebeurtenis in het CRM"),
    Source.RESTORE: lambda: _("Back-up teruggezet"),
    Source.UNDO: lambda: _("Ongedaan gemaakt"),
}


def source_word(source: Source) -> str:
    """From where it was switched."""
    return _SOURCES[source]()


def ground_word(act: ActView) -> str:
    """Why, in words; nothing where that was not told."""
    return _("e-mail kwam terug") if act.ground == BOUNCE else act.ground or ""


def switch_word(act: ActView) -> str:
    """How the permission is by this act; what goes off in Spotler is a sign-off."""
    if act.source is Source.SPOTLER:
        return _("Aangemeld") if act.enabled else _("Afgemeld")
    return _("Aan") if act.enabled else _("Uit")


def actor_word(act: ActView) -> str:
    """By whom, and with what; in Spotler it may have been either."""
    if act.source is Source.SPOTLER:
        return _("ontvanger of collega in Spotler")
    return by_whom(act.source, act.actor_name)


def arrival_word(act: ActView) -> str:
    """Whether Spotler has it."""
    if act.applied_at is not None:
        return _("Doorgevoerd in Spotler")
    return _("Wacht op Spotler") if act.is_under_way else _("Niet doorgevoerd in Spotler")


def standing_text(standing: Standing) -> str:
    """Since when a permission is as it is, and why."""
    act = standing.act
    if act is None:
        if standing.enabled:
            return _("Stond al aan in Spotler; wie dat deed is hier niet bekend.")
        return _("Hier niet aangezet.")
    if act.source is Source.SPOTLER:
        return _("Sinds %(moment)s, in Spotler zelf.", moment=exact_time(act.at))
    return _("Sinds %(moment)s, door %(who)s.", moment=exact_time(act.at), who=actor_word(act))


def settled_text(act: AddressAct, contact_id: str) -> str:
    """Whose the address is, as a person said."""
    who = act.actor_name or _("onbekend")
    if act.owner_id == contact_id:
        return _("E-mailadres is van deze contactpersoon, zei %(who)s", who=who)
    return _("E-mailadres is van %(owner)s, zei %(who)s", owner=act.owner_id, who=who)
