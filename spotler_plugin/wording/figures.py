"""What a number of a preview counts, as the title of the people behind it."""

from __future__ import annotations

from spotler_plugin.models import Figure
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.tally import Started, Switched
from spotler_plugin.services.preview.behind import Number
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.reasons import reason_text


def figure_title(number: Number, subject: str, crm_name: str) -> str:
    """Return the title; `subject` is what the screen calls what the number is about."""
    word = _word(number, crm_name)
    return f"{subject} · {word}" if subject else word


def switched_word(end: Switched) -> str:
    """Return what becomes of a permission."""
    return {
        Switched.DONE: _("Wordt gewijzigd"),
        Switched.ALREADY: _("Is al zo"),
        Switched.SIGNED_OFF: _("Afgemeld, blijft uit"),
        Switched.BLOCKED: _("Geblokkeerd"),
    }[end]


def started_word(end: Started) -> str:
    """Return what becomes of an automation."""
    return {
        Started.STARTS: _("Start"),
        Started.ALREADY: _("Gestart geweest"),
        Started.BLOCKED: _("Geblokkeerd"),
    }[end]


def _word(number: Number, crm_name: str) -> str:
    if number.figure is Figure.SWITCHED:
        return switched_word(Switched(number.end))
    if number.figure is Figure.STARTED:
        return started_word(Started(number.end))
    if number.figure is Figure.REFUSED:
        return reason_text(Reason(number.end), crm_name).title
    return {
        Figure.LINKED: _("Gekoppeld"),
        Figure.UPDATED: _("Bijgewerkt"),
        Figure.UNCHANGED: _("Ongewijzigd"),
        Figure.EMPTIED: _("Leeggemaakt"),
        Figure.LESSENED: _("Een deel van de keuzes gaat uit"),
        Figure.SWITCHED_OFF: _("Een permissie gaat uit"),
        Figure.STAYS_OFF: _("Een permissie blijft uit"),
        Figure.STAYS_LINKED: _("Blijft gekoppeld"),
        Figure.IN_CRM: _("Gaat terug in %(crm)s", crm=crm_name),
    }[number.figure]
