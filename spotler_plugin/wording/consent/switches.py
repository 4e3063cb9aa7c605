"""The line under a switch: since when, by whom, or why not; and the whole of it on demand."""

from __future__ import annotations

from datetime import datetime

from spotler_plugin.models import EnrolmentState, Source
from spotler_plugin.services.consent.switches import PermissionSwitch
from spotler_plugin.services.contact.shared import Shared
from spotler_plugin.services.enrolment.switches import AutomationSwitch
from spotler_plugin.translation import exact_time, short_day
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.contact.address import sharer_word
from spotler_plugin.wording.contact.lag import waiting_words
from spotler_plugin.wording.starts import not_started

Fact = tuple[str, str]
"""What it is called, and what it is."""


def permission_note(switch: PermissionSwitch, crm_name: str = "") -> str:
    """Who put it on or off, when, from where; or that nobody knows."""
    origin = switch.origin
    if origin is None:
        return _("Stond al aan in Spotler") if switch.enabled else ""
    day, who = short_day(origin.at), by_whom(origin.source, origin.by)
    if switch.is_waiting:
        told = (
            _("Wordt aangezet, gevraagd door %(who)s", who=who)
            if switch.enabled
            else _("Wordt uitgezet, gevraagd door %(who)s", who=who)
        )
        waits = waiting_words(switch.reason, switch.until, crm_name)
        return f"{told} · {waits}" if waits else told
    if origin.source is Source.SPOTLER:
        if switch.enabled:
            return _("Aangemeld op %(day)s via Spotler", day=day)
        return _("Afgemeld op %(day)s via Spotler", day=day)
    if switch.enabled:
        return _("Aan sinds %(day)s door %(who)s", day=day, who=who)
    return _("Uit sinds %(day)s door %(who)s", day=day, who=who)


def permission_facts(
    switch: PermissionSwitch, contact_id: str, shared: Shared | None = None
) -> list[Fact]:
    """The whole of where a state comes from; nothing where that is not known.

    `shared` are the others with the contact's address: it may be of one of them.
    """
    origin = switch.origin
    if origin is None:
        return []
    facts = [
        (_("Wanneer"), exact_time(origin.at)),
        (_("Door"), by_whom(origin.source, origin.by)),
        (_("Vanuit"), whence(origin.source)),
    ]
    if origin.enabled:
        facts.append((_("Grond"), origin.ground or _("niet vastgelegd")))
    if origin.contact_id != contact_id:
        others = shared.others if shared else ()
        names = {each.contact_id: sharer_word(each) for each in others}
        whose = names.get(origin.contact_id, origin.contact_id)
        facts.append((_("Bij contactpersoon"), whose))
    return facts


def again_text(switch: PermissionSwitch, allowed: bool, crm_name: str) -> str:
    """What switching it on again would mean, or why that cannot be done here."""
    if switch.signed_off is None:
        return ""
    if allowed:
        return _(
            "Zet dit alleen weer aan als de contactpersoon daarom vroeg. De grond en je naam"
            " blijven bij de permissie bewaard."
        )
    return _(
        "Weer aanzetten kan hier niet: de contactpersoon kan zich zelf weer aanmelden, met een"
        " aanmeldformulier of de voorkeuren onder aan een mailing. Een beheerder van %(crm)s kan"
        " dit anders instellen, bij Permissies na afmelding.",
        crm=crm_name,
    )


def by_whom(source: Source, name: str | None) -> str:
    """Who did it, and behind it what they did it with, where that is not this screen."""
    who = name or _("onbekend")
    match source:
        case Source.SPOTLER:
            return "Spotler"
        case Source.CRM:
            return _("het CRM, bij het samenvoegen")
        case Source.AUTOMATIC_ACTION:
            return (
                _("automatische actie „%(name)s”", name=name) if name else _("automatische actie")
            )
        case Source.BULK:
            return _("%(who)s (bulkmutatie)", who=who)
        case Source.RESTORE:
            return _("%(who)s (back-up teruggezet)", who=who)
        case Source.UNDO:
            return _("%(who)s (ongedaan gemaakt)", who=who)
    return who


def whence(source: Source) -> str:
    """Where it was done."""
    return {
        Source.MODAL: _("het scherm van de contactpersoon"),
        Source.BULK: _("een bulkmutatie"),
        Source.AUTOMATIC_ACTION: _("een automatische actie"),
        Source.ADMIN: _("het beheer"),
        Source.SPOTLER: _("Spotler, door de ontvanger of een collega daar"),
        Source.CRM: _("een gebeurtenis in het CRM"),
        Source.RESTORE: _("een back-up die werd teruggezet"),
        Source.UNDO: _("een synchronisatie die ongedaan werd gemaakt"),
    }[source]


def sign_off_words(permission: str, at: datetime | None, source: Source | None) -> str:
    """Which permission stays off, since when, and where it was switched off."""
    if at is None:
        return _("%(permission)s: afgemeld", permission=permission)
    day = short_day(at)
    if source is Source.SPOTLER:
        return _("%(permission)s: afgemeld op %(day)s in Spotler", permission=permission, day=day)
    return _("%(permission)s: uitgezet op %(day)s", permission=permission, day=day)


def automation_note(switch: AutomationSwitch) -> str:
    """How the latest start of an automation for this contact stands."""
    match switch.state:
        case None:
            return "" if switch.available else _("Niet actief in Spotler")
        case EnrolmentState.STARTED:
            return _("Gestart op %(day)s door %(who)s", day=_day(switch), who=_asker(switch))
        case EnrolmentState.WAITING | EnrolmentState.LEAVING:
            return _("Wordt gestart, gevraagd door %(who)s", who=_asker(switch))
        case EnrolmentState.UNKNOWN:
            return _("Het is niet zeker of deze automation is gestart. Kijk in Spotler en kies:")
        case EnrolmentState.REFUSED | EnrolmentState.DROPPED:
            why = not_started(switch.state, switch.reason)
            return why[:1].upper() + why[1:]


def automation_facts(switch: AutomationSwitch) -> list[Fact]:
    """Who asked for the latest start, when, from where; nothing where there is none."""
    if switch.state is None or switch.asked_at is None or switch.source is None:
        return []
    facts = [
        (_("Gevraagd"), exact_time(switch.asked_at)),
        (_("Door"), _asker(switch)),
        (_("Vanuit"), whence(switch.source)),
    ]
    if switch.state is EnrolmentState.REFUSED and switch.reason:
        facts.append((_("Antwoord van Spotler"), switch.reason))
    return facts


def _day(switch: AutomationSwitch) -> str:
    return short_day(switch.asked_at) if switch.asked_at else ""


def _asker(switch: AutomationSwitch) -> str:
    if switch.source is None:
        return switch.asked_by or _("onbekend")
    return by_whom(switch.source, switch.asked_by)
