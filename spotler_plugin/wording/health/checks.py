"""Words of the health checks: what each is called, and how all of them stand."""

from __future__ import annotations

from spotler_plugin.services.health.findings import TECHNICAL, Check, Finding, Mark, Topic
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import ngettext
from spotler_plugin.wording.text import Text


def topic_word(topic: Topic) -> str:
    """What a check is called."""
    return {
        Topic.CONNECTION: _("Verbinding"),
        Topic.QUEUE: _("Synchroniseren"),
        Topic.FAILURES: _("Open fouten"),
        Topic.EVENTS: _("Gebeurtenissen"),
        Topic.FEED: _("Wijzigingen uit Spotler"),
        Topic.CATALOGUE: _("Velden en permissies"),
        Topic.BACKUP: _("Back-up"),
        Topic.DRIFT: _("Verschillen"),
        Topic.CALLS: _("Bereikbaarheid"),
        Topic.ANSWERS: _("Antwoordtijd"),
        Topic.CRM: _("CRM"),
        Topic.CRM_ANSWERS: _("Antwoordtijd CRM"),
        Topic.WORKERS: _("Workers"),
        Topic.SCHEDULER: _("Planner"),
    }[topic]


def mark_word(check: Check) -> str:
    """The word beside a mark's shape and colour."""
    if check.finding is Finding.PENDING:
        return _("Even wachten")
    if check.finding is Finding.RESTS:
        return _("Wacht")
    if check.mark is Mark.UNKNOWN and check.finding is Finding.NOTHING:
        return _("Nog niets")
    return {
        Mark.OK: _("In orde"),
        Mark.ATTENTION: _("Let op"),
        Mark.BROKEN: _("Kapot"),
        Mark.UNKNOWN: _("Onbekend"),
    }[check.mark]


def moment_word(check: Check) -> str:
    """What happened at a check's moment."""
    if check.finding is Finding.REFUSED:
        return _("Sinds:")
    if check.finding in (Finding.BROKEN_OFF, Finding.PAUSED):
        return _("Laatste antwoord:")
    if check.topic is Topic.EVENTS and check.finding in (Finding.WAITING, Finding.STUCK):
        return _("Oudste:")
    return {
        Topic.CONNECTION: _("Getest:"),
        Topic.QUEUE: _("Oudste:"),
        Topic.EVENTS: _("Bijgelezen tot:"),
        Topic.FEED: _("Gelezen tot:"),
        Topic.CATALOGUE: _("Gelezen:"),
        Topic.BACKUP: _("Laatste:"),
        Topic.DRIFT: _("Vergeleken:"),
        Topic.CALLS: _("Laatste antwoord:"),
        Topic.CRM: _("Laatste antwoord:"),
        Topic.SCHEDULER: _("Laatste teken:"),
    }[check.topic]


def summary_text(checks: list[Check]) -> Text:
    """All checks in one sentence; a fault that is seen in two of them counts once."""
    checks = [check for check in checks if check.topic not in TECHNICAL]
    marks = [check.mark for check in checks]
    if broken := marks.count(Mark.BROKEN):
        return Text(
            ngettext(
                "Een onderdeel werkt niet", "%(count)s onderdelen werken niet", broken, count=broken
            )
        )
    if others := marks.count(Mark.ATTENTION):
        return Text(
            ngettext(
                "Een onderdeel vraagt aandacht",
                "%(count)s onderdelen vragen aandacht",
                others,
                count=others,
            )
        )
    if any(check.finding is Finding.PENDING for check in checks):
        return Text(_("Wordt nagekeken…"))
    return Text(_("Alles werkt"))
