"""The line under a switch: since when, by whom, or why not."""

from __future__ import annotations

from datetime import datetime

from spotler_plugin.models import EnrolmentState, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.consent.switches import PermissionSwitch
from spotler_plugin.services.enrolment.switches import AutomationSwitch
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import short_day


def permission_note(switch: PermissionSwitch) -> str:
    """Who put it on or off, when, from where; nothing if that is not known."""
    if switch.changed_at is None or switch.source is None:
        return ""
    day = short_day(switch.changed_at)
    if switch.source is Source.SPOTLER:
        words = (
            _("aangemeld %(day)s (%(who)s)") if switch.enabled else _("afgemeld %(day)s (%(who)s)")
        )
    else:
        words = (
            _("aan sinds %(day)s, %(who)s") if switch.enabled else _("uit sinds %(day)s, %(who)s")
        )
    return words % {"day": day, "who": _who(switch)}


def _who(switch: PermissionSwitch) -> str:
    if switch.source is Source.SPOTLER:
        return "Spotler"
    if switch.source is Source.AUTOMATIC_ACTION:
        return _("automatische actie")
    if switch.source is Source.RESTORE:
        return _("%(who)s, met een back-up", who=switch.changed_by or _("onbekend"))
    if switch.source is Source.UNDO:
        return _("%(who)s, ongedaan gemaakt", who=switch.changed_by or _("onbekend"))
    if switch.source is Source.CRM:
        return _("bij het samenvoegen")
    return switch.changed_by or _("onbekend")


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
    day = short_day(switch.asked_at) if switch.asked_at else ""
    match switch.state:
        case None:
            return "" if switch.available else _("niet actief in Spotler")
        case EnrolmentState.STARTED:
            return _("gestart %(day)s", day=day)
        case EnrolmentState.WAITING | EnrolmentState.LEAVING:
            return _("wordt gestart")
        case EnrolmentState.UNKNOWN:
            return _("Het is niet zeker of deze automation is gestart. Kijk in Spotler en kies:")
        case EnrolmentState.REFUSED | EnrolmentState.DROPPED:
            return not_started(switch.state, switch.reason)


def not_started(state: EnrolmentState, reason: str | None) -> str:
    """Why an automation was not started."""
    if state is EnrolmentState.REFUSED:
        return _("niet gestart: Spotler weigerde dit (%(code)s)", code=reason or "?")
    if reason == Reason.SPOTLER_AWAY:
        return _("niet gestart: Spotler was niet bereikbaar")
    if reason == "contact_not_written":
        return _("niet gestart: de contactpersoon is niet opgeslagen")
    return _("niet gestart")
