"""What was found of the account at Spotler: what is read of it, and how it answers."""

from __future__ import annotations

from collections.abc import Callable

from spotler_plugin.services.health.findings import Check, Finding
from spotler_plugin.translation import exact_time, ngettext, number
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.reasons import reason_text
from spotler_plugin.wording.text import Text, sentence

LEAST_SECONDS = 0.01
"""What is told of an answer that took less: nothing takes no time."""

Words = dict[Finding, Callable[[], Text]]


def why(check: Check, crm_name: str) -> str:
    return sentence(reason_text(check.reason, crm_name).title) if check.reason else ""


def to_operator() -> str:
    return _("Meld dit bij wie de plugin beheert. Wat openstaat is bewaard.")


def of_feed(check: Check, crm_name: str) -> Words:
    cause = why(check, crm_name)
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
            to_operator(),
        ),
        Finding.FAILED: lambda: Text(
            _("De laatste keer lukte het lezen niet."),
            cause,
            _("Het wordt vanzelf opnieuw geprobeerd."),
        ),
        Finding.LATE: lambda: Text(
            _("Is te lang niet gelezen; statussen kunnen verouderd zijn."), cause, to_operator()
        ),
    }


def of_backup(check: Check, crm_name: str) -> Words:
    return {
        Finding.NOTHING: lambda: Text(_("Er is nog geen back-up van Spotler.")),
        Finding.WAITING: lambda: Text(_("Er wordt een back-up gemaakt."), why(check, crm_name)),
        Finding.WELL: lambda: Text(_("Er is een back-up van Spotler.")),
        Finding.FAILED: lambda: Text(
            _("De laatste back-up van Spotler is mislukt."),
            why(check, crm_name),
            _("Maak een nieuwe."),
        ),
    }


def of_catalogue(check: Check, crm_name: str) -> Words:
    return {
        Finding.NOTHING: lambda: Text(_("Nog niet gelezen.")),
        Finding.WELL: lambda: Text(_("Velden, permissies en automations zijn bijgelezen.")),
        Finding.LATE: lambda: Text(
            _("Zijn te lang niet gelezen; nieuwe of gewijzigde ontbreken."), remedy=to_operator()
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


def of_drift(check: Check, crm_name: str) -> Words:
    differing = ngettext(
        "%(count)s gekoppelde contactpersoon is niet gelijk in %(crm)s en Spotler.",
        "%(count)s gekoppelde contactpersonen zijn niet gelijk in %(crm)s en Spotler.",
        check.number,
        count=number(check.number),
        crm=crm_name,
    )
    return {
        Finding.NOTHING: lambda: Text(_("Er is nog niet vergeleken.")),
        Finding.WELL: lambda: Text(
            differing if check.number else _("Alle gekoppelde contactpersonen zijn gelijk.")
        ),
        Finding.DIFFERENT: lambda: Text(differing),
        Finding.FAILED: lambda: Text(
            _("De laatste keer lukte het vergelijken niet."), why(check, crm_name)
        ),
    }


def of_calls(check: Check, crm_name: str) -> Words:
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


def of_crm(check: Check, crm_name: str) -> Words:
    return {
        Finding.WELL: lambda: Text(_("%(crm)s antwoordt.", crm=crm_name)),
        Finding.SLOW: lambda: Text(
            _("%(crm)s antwoordt traag; schermen en synchroniseren wachten daarop.", crm=crm_name)
        ),
        Finding.NOTHING: lambda: Text(_("%(crm)s is nog niet aangeroepen.", crm=crm_name)),
        Finding.REFUSED: lambda: Text(
            _("%(crm)s weigert de toegang van de plugin.", crm=crm_name),
            _("Contactpersonen kunnen niet gelezen worden; wat openstaat is bewaard."),
            _("Meld dit bij wie de plugin beheert: het API-token is te vernieuwen."),
        ),
        Finding.BROKEN_OFF: lambda: Text(
            _(
                "%(crm)s antwoordt niet: %(n)s aanroepen na elkaar mislukten.",
                crm=crm_name,
                n=check.number,
            ),
            remedy=_("Het wordt vanzelf opnieuw geprobeerd; wat openstaat is bewaard."),
        ),
    }


def of_crm_answers(check: Check, crm_name: str) -> Words:
    return {
        Finding.NOTHING: lambda: Text(_("Nog niets gemeten.")),
        Finding.WELL: lambda: Text(_times(check)),
        Finding.SLOW: lambda: Text(
            _times(check),
            _("%(crm)s antwoordt traag; schermen en synchroniseren wachten daarop.", crm=crm_name),
        ),
    }


def _times(check: Check) -> str:
    return _(
        "De helft binnen %(p50)s s, 19 van de 20 binnen %(p95)s s (laatste %(n)s aanroepen).",
        p50=number(max(round(check.p50, 2), LEAST_SECONDS)),
        p95=number(max(round(check.p95, 2), LEAST_SECONDS)),
        n=check.number,
    )


def of_answers(check: Check, crm_name: str) -> Words:
    return {
        Finding.NOTHING: lambda: Text(_("Nog niets gemeten.")),
        Finding.WELL: lambda: Text(_times(check)),
        Finding.SLOW: lambda: Text(
            _times(check), _("Spotler antwoordt traag; synchroniseren duurt langer.")
        ),
    }
