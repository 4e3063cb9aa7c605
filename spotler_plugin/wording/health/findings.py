"""What a health check found, in words, and what to do about it."""

from __future__ import annotations

from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.health.findings import TECHNICAL, Check, Finding, Topic
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import ngettext, number, time_of
from spotler_plugin.wording.health.account import (
    Words,
    of_answers,
    of_backup,
    of_calls,
    of_catalogue,
    of_crm,
    of_crm_answers,
    of_drift,
    of_feed,
    to_operator,
    why,
)
from spotler_plugin.wording.reasons import reason_text
from spotler_plugin.wording.text import Text


def check_text(check: Check, crm_name: str) -> Text:
    """How a check stands, and what to do."""
    if check.finding is Finding.PENDING:
        return Text(_("Wordt nagekeken…"))
    if check.finding is Finding.RESTS:
        return Text(_("Gaat vanzelf verder zodra de verbinding weer werkt."))
    told = (Topic.WORKERS, Topic.QUEUE)
    if check.finding is Finding.UNREACHABLE and check.topic not in told:
        if check.topic in TECHNICAL:
            return Text(_("Is nu niet te zien: Redis is niet bereikbaar."))
        return Text(_("Is nu niet te zien."))
    group = {
        Topic.CONNECTION: _of_connection,
        Topic.QUEUE: _of_queue,
        Topic.FAILURES: _of_failures,
        Topic.EVENTS: _of_events,
        Topic.FEED: of_feed,
        Topic.CATALOGUE: of_catalogue,
        Topic.BACKUP: of_backup,
        Topic.DRIFT: of_drift,
        Topic.CALLS: of_calls,
        Topic.ANSWERS: of_answers,
        Topic.CRM: of_crm,
        Topic.CRM_ANSWERS: of_crm_answers,
        Topic.WORKERS: _of_workers,
        Topic.SCHEDULER: _of_scheduler,
    }[check.topic]
    return group(check, crm_name)[check.finding]()


def _of_connection(check: Check, crm_name: str) -> Words:
    return {
        Finding.WELL: lambda: Text(_("Spotler kent de key en secret.")),
        Finding.NOTHING: lambda: Text(
            _("Er is nog geen verbinding met Spotler."),
            remedy=_("Vul de key en secret in; daarna kun je meteen aan de slag."),
        ),
        Finding.UNCONFIRMED: lambda: reason_text(Reason.UNCONFIRMED, crm_name),
        Finding.REFUSED: lambda: Text(
            _("Spotler herkent deze key en secret niet."),
            remedy=_("Kopieer ze opnieuw uit Spotler: Instellingen › Integraties."),
        ),
        Finding.SLOW: lambda: Text(
            _("Spotler antwoordt traag."), _("Synchroniseren duurt daardoor langer.")
        ),
        **{each: of_calls(check, crm_name)[each] for each in (Finding.PAUSED, Finding.BROKEN_OFF)},
    }


def _of_queue(check: Check, crm_name: str) -> Words:
    return {
        Finding.NOTHING: lambda: Text(_("Alles is bij; er wacht niets.")),
        Finding.WAITING: lambda: Text(_("Er wordt gesynchroniseerd.")),
        Finding.POSTPONED: lambda: Text(
            ngettext(
                "%(count)s contactpersoon wacht op een nieuwe poging.",
                "%(count)s contactpersonen wachten op een nieuwe poging.",
                check.number,
                count=number(check.number),
            ),
            _("Volgende poging: %(time)s.", time=time_of(check.until)) if check.until else "",
            _("Bij Synchronisaties staat waarom, en kan het nu."),
        ),
        Finding.STUCK: lambda: Text(_("Er wacht werk dat niemand oppakt."), remedy=to_operator()),
        Finding.NONE_ALIVE: lambda: Text(
            _("Er wordt nu niet gesynchroniseerd."),
            _("Op de server draait niet alles wat nodig is."),
            to_operator(),
        ),
        Finding.UNREACHABLE: lambda: Text(
            _("Er wordt nu niets nieuws gesynchroniseerd."),
            _("Op de server draait niet alles wat nodig is."),
            to_operator(),
        ),
        Finding.HALTED: lambda: Text(
            ngettext(
                "Een synchronisatie staat stil.",
                "%(count)s synchronisaties staan stil.",
                check.number,
                count=check.number,
            ),
            why(check, crm_name),
            reason_text(check.reason, crm_name).remedy
            if check.reason in (Reason.BEYOND_AGREED, Reason.NO_BACKUP)
            else _("Herstel de oorzaak; daarna gaat het vanzelf door."),
        ),
    }


def _of_failures(check: Check, crm_name: str) -> Words:
    return {
        Finding.NOTHING: lambda: Text(_("Er zijn geen fouten die wachten.")),
        Finding.FAILED: lambda: Text(
            ngettext(
                "Bij %(count)s contactpersoon ging de laatste poging mis.",
                "Bij %(count)s contactpersonen ging de laatste poging mis.",
                check.number,
                count=number(check.number),
            ),
        ),
    }


def _of_events(check: Check, crm_name: str) -> Words:
    return {
        Finding.NOTHING: lambda: Text(_("%(crm)s heeft nog niets gemeld.", crm=crm_name)),
        Finding.WELL: lambda: Text(_("Wat in %(crm)s wijzigde is bijgelezen.", crm=crm_name)),
        Finding.WAITING: lambda: Text(_waiting(check.number)),
        Finding.STUCK: lambda: Text(
            _waiting(check.number), _("Niemand pakt dat op."), to_operator()
        ),
        Finding.FAILED: lambda: Text(
            _("Wat in %(crm)s wijzigde was niet op te vragen.", crm=crm_name),
            why(check, crm_name),
            _("Het wordt vanzelf opnieuw geprobeerd; wat gemist is, wordt dan ingehaald."),
        ),
    }


def _waiting(events: int) -> str:
    return ngettext(
        "%(count)s gebeurtenis wacht op haar beurt.",
        "%(count)s gebeurtenissen wachten op hun beurt.",
        events,
        count=number(events),
    )


def _of_workers(check: Check, crm_name: str) -> Words:
    return {
        Finding.WELL: lambda: Text(
            ngettext(
                "%(count)s is aan het werk.",
                "%(count)s zijn aan het werk.",
                check.number,
                count=check.number,
            )
        ),
        Finding.NONE_ALIVE: lambda: Text(
            _("Er is geen worker aan het werk."), remedy=to_operator()
        ),
        Finding.UNREACHABLE: lambda: Text(
            _("Redis is niet bereikbaar: er begint geen nieuw werk."), remedy=to_operator()
        ),
    }


def _of_scheduler(check: Check, crm_name: str) -> Words:
    return {
        Finding.WELL: lambda: Text(_("Houdt de klok bij.")),
        Finding.NONE_ALIVE: lambda: Text(
            _("Er is geen planner: wat op tijd moet, gebeurt niet."), remedy=to_operator()
        ),
    }
