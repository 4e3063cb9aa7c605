"""How a test event arrived, for the CRM's developer."""

from __future__ import annotations

from dataclasses import dataclass

from spotler_plugin.services.event.trial import Arrival, Trial
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import ngettext, number
from spotler_plugin.wording.text import Text

DAY = 86_400
ALIKE = 5
"""Seconds that are no difference: an event travels too."""


@dataclass(frozen=True, slots=True)
class Told:
    level: str
    """Of a notice."""
    text: Text


def not_begun() -> Told:
    """There is no place to keep it."""
    return Told("error", Text(_("Testen kan nu niet."), remedy=_("Probeer het zo nog eens.")))


def trial_told(seen: Trial, crm_name: str) -> Told:
    """What arrived, and what to mend."""
    clock = _clock(seen.seconds, crm_name)
    match seen.arrival:
        case Arrival.WAITING:
            return Told("info", Text(_("Wacht op een gebeurtenis van %(crm)s…", crm=crm_name)))
        case Arrival.STORED:
            return Told("success", Text(_("Aangekomen: de handtekening klopt."), clock))
        case Arrival.MALFORMED:
            title = _("De handtekening klopt, de inhoud niet.")
            return Told("error", Text(title, seen.detail, clock))
        case Arrival.NO_HEADERS:
            title = _("Geweigerd: er ontbreken headers.")
            needed = "webhook-id, webhook-timestamp, webhook-signature"
            return Told("error", Text(title, _("Nodig zijn: %(names)s.", names=needed)))
        case Arrival.WRONG_CLOCK:
            title = _("Geweigerd: het tijdstip klopt niet.")
            remedy = _("De klokken mogen vijf minuten verschillen; het tijdstip is in seconden.")
            return Told("error", Text(title, clock, remedy))
        case Arrival.WRONG_SIGNATURE:
            title = _("Geweigerd: de handtekening klopt niet.")
            remedy = _("Onderteken de bytes die je verstuurt, met het events secret van nu.")
            return Told("error", Text(title, clock, remedy))


def _clock(seconds: int, crm_name: str) -> str:
    """How far the clocks differ."""
    if abs(seconds) < ALIKE:
        return _("De klokken lopen gelijk.")
    far = abs(seconds)
    apart = (
        ngettext("%(count)s seconde", "%(count)s seconden", far, count=number(far))
        if far < DAY
        else _("meer dan een dag")
    )
    if seconds > 0:
        return _("De klok van %(crm)s loopt %(apart)s voor.", crm=crm_name, apart=apart)
    return _("De klok van %(crm)s loopt %(apart)s achter.", crm=crm_name, apart=apart)
