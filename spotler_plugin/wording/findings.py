"""What a health check found, in words, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable

from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.health.findings import Check, Finding, Topic
from spotler_plugin.translation import exact_time, ngettext, number
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.reasons import reason_text
from spotler_plugin.wording.text import Text

Words = dict[Finding, Callable[[], Text]]


def check_text(check: Check, crm_name: str) -> Text:
    """How a check stands, and what to do."""
    if check.finding is Finding.PENDING:
        return Text(_("Wordt nagekeken…"))
    if check.finding is Finding.UNREACHABLE and check.topic is not Topic.WORKERS:
        return Text(_("Is nu niet te zien: Redis is niet bereikbaar."))
    group = {
        Topic.CONNECTION: _of_connection,
        Topic.QUEUE: _of_queue,
        Topic.FAILURES: _of_failures,
        Topic.FEED: _of_feed,
        Topic.CATALOGUE: _of_catalogue,
        Topic.CALLS: _of_calls,
        Topic.ANSWERS: _of_answers,
        Topic.WORKERS: _of_workers,
        Topic.SCHEDULER: _of_scheduler,
    }[check.topic]
    return group(check, crm_name)[check.finding]()


def _why(check: Check, crm_name: str) -> str:
    return reason_text(check.reason, crm_name).title.rstrip(".") + "." if check.reason else ""


def _to_operator() -> str:
    return _("Meld dit bij wie de plugin beheert. Wat openstaat is bewaard.")


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
    }


def _of_queue(check: Check, crm_name: str) -> Words:
    return {
        Finding.NOTHING: lambda: Text(_("Er wacht niets.")),
        Finding.WAITING: lambda: Text(_("Er wordt gewerkt.")),
        Finding.STUCK: lambda: Text(_("Er wacht werk dat niemand oppakt."), remedy=_to_operator()),
        Finding.HALTED: lambda: Text(
            ngettext(
                "Een synchronisatie staat stil.",
                "%(count)s synchronisaties staan stil.",
                check.number,
                count=check.number,
            ),
            _why(check, crm_name),
            reason_text(check.reason, crm_name).remedy
            if check.reason is Reason.BEYOND_AGREED
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
            remedy=_("Bekijk de oorzaken bij Synchronisaties."),
        ),
    }


def _of_feed(check: Check, crm_name: str) -> Words:
    why = _why(check, crm_name)
    return {
        Finding.NOTHING: lambda: Text(_("Begint zodra er een verbinding is.")),
        Finding.FIRST: lambda: Text(_("Alle contacten in Spotler worden voor het eerst gelezen.")),
        Finding.WELL: lambda: Text(_("Is bijgelezen.")),
        Finding.SKIPPED: lambda: Text(
            ngettext(
                "%(count)s contact in Spotler is niet te lezen en is overgeslagen.",
                "%(count)s contacten in Spotler zijn niet te lezen en zijn overgeslagen.",
                check.number,
                count=number(check.number),
            ),
            _("De rest is bijgelezen."),
            _to_operator(),
        ),
        Finding.FAILED: lambda: Text(
            _("De laatste keer lukte het lezen niet."),
            why,
            _("Het wordt vanzelf opnieuw geprobeerd."),
        ),
        Finding.LATE: lambda: Text(
            _("Is te lang niet gelezen; statussen kunnen verouderd zijn."), why, _to_operator()
        ),
    }


def _of_catalogue(check: Check, crm_name: str) -> Words:
    return {
        Finding.NOTHING: lambda: Text(_("Nog niet gelezen.")),
        Finding.WELL: lambda: Text(_("Velden, permissies en automations zijn bijgelezen.")),
        Finding.LATE: lambda: Text(
            _("Zijn te lang niet gelezen; nieuwe of gewijzigde ontbreken."), remedy=_to_operator()
        ),
        Finding.GONE: lambda: Text(
            ngettext(
                "%(count)s Spotler-veld van de mapping bestaat niet meer of is verborgen.",
                "%(count)s Spotler-velden van de mapping bestaan niet meer of zijn verborgen.",
                check.number,
                count=number(check.number),
            ),
            _("Die waarden gaan niet mee; de rest van de contactpersoon wel."),
            _("Maak ze in Spotler weer zichtbaar, of kies bij de mapping een ander veld."),
        ),
    }


def _of_calls(check: Check, crm_name: str) -> Words:
    until = exact_time(check.until) if check.until else ""
    return {
        Finding.WELL: lambda: Text(_("Spotler antwoordt.")),
        Finding.NOTHING: lambda: Text(_("Spotler is nog niet aangeroepen.")),
        Finding.PAUSED: lambda: Text(
            _("Spotler vroeg om te wachten tot %(moment)s.", moment=until),
            _("Synchronisaties wachten; wat iemand zelf doet, wordt meteen geprobeerd."),
            _("Het gaat vanzelf door."),
        ),
        Finding.BROKEN_OFF: lambda: Text(
            _("Spotler antwoordt niet: %(n)s aanroepen na elkaar mislukten.", n=check.number),
            remedy=_("Het wordt vanzelf opnieuw geprobeerd; wat openstaat is bewaard."),
        ),
    }


def _of_answers(check: Check, crm_name: str) -> Words:
    times = _(
        "De helft binnen %(p50)s s, 19 van de 20 binnen %(p95)s s (laatste %(n)s aanroepen).",
        p50=number(round(check.p50, 2)),
        p95=number(round(check.p95, 2)),
        n=check.number,
    )
    return {
        Finding.NOTHING: lambda: Text(_("Nog niets gemeten.")),
        Finding.WELL: lambda: Text(times),
        Finding.SLOW: lambda: Text(
            times, _("Spotler antwoordt traag; synchroniseren duurt langer.")
        ),
    }


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
            _("Er is geen worker aan het werk."), remedy=_to_operator()
        ),
        Finding.UNREACHABLE: lambda: Text(
            _("Redis is niet bereikbaar: er begint geen nieuw werk."), remedy=_to_operator()
        ),
    }


def _of_scheduler(check: Check, crm_name: str) -> Words:
    return {
        Finding.WELL: lambda: Text(_("Houdt de klok bij.")),
        Finding.NONE_ALIVE: lambda: Text(
            _("Er is geen planner: wat op tijd moet, gebeurt niet."), remedy=_to_operator()
        ),
    }
