"""Words of an event: what happened, and what it led to."""

from __future__ import annotations

from collections.abc import Callable

from spotler_plugin.models import IN_STEP, EventOutcome, EventStanding, EventType, Outcome
from spotler_plugin.planning.reason import TRANSIENT, Reason
from spotler_plugin.services.event.former import Former
from spotler_plugin.services.event.log import EventView
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.reasons import failed_text, reason_text
from spotler_plugin.wording.runs import outcome_text
from spotler_plugin.wording.text import Text

_NOTHING: dict[EventOutcome, Callable[[], str]] = {
    EventOutcome.KNOWN: lambda: _("Deze wijziging was al bekend."),
    EventOutcome.NOT_LINKED: lambda: _("Deze contactpersoon is niet gekoppeld."),
    EventOutcome.NO_MODULE: lambda: _("Er is geen module veld gewijzigd."),
    EventOutcome.NO_PRIMARY: lambda: _("De relatie heeft geen primaire contactpersoon."),
    EventOutcome.NO_RELATION: lambda: _("De relatie bestaat niet meer."),
    EventOutcome.NO_ACTION: lambda: _("Deze actie bestaat niet."),
    EventOutcome.ERASED: lambda: _("De gegevens van deze contactpersoon zijn gewist."),
    # Of a run that is no longer kept.
    EventOutcome.RUN: lambda: _("De uitkomst wordt niet meer bewaard."),
}


def type_word(type_: EventType) -> str:
    """What happened in the CRM."""
    return {
        EventType.CONTACT_CHANGED: _("Contactpersoon gewijzigd"),
        EventType.CONTACT_DELETED: _("Contactpersoon verwijderd"),
        EventType.CONTACT_MERGED: _("Contactpersonen samengevoegd"),
        EventType.CONTACT_ERASED: _("Gegevens gewist"),
        EventType.RELATION_CHANGED: _("Relatie gewijzigd"),
        EventType.ACTION_TRIGGERED: _("Automatische actie"),
    }[type_]


def standing_word(standing: EventStanding) -> str:
    return {
        EventStanding.WAITING: _("Wacht"),
        EventStanding.DONE: _("Verwerkt"),
        EventStanding.NOTHING: _("Niets te doen"),
        EventStanding.FAILED: _("Mislukt"),
    }[standing]


def standing_mark(standing: EventStanding) -> str:
    """The shape and colour beside the word, as a contact's status has them."""
    return {
        EventStanding.WAITING: "pending",
        EventStanding.DONE: "synced",
        EventStanding.NOTHING: "not_synced",
        EventStanding.FAILED: "error",
    }[standing]


def event_text(view: EventView, crm_name: str) -> Text:
    """What an event led to, and what to do about it."""
    match view.standing:
        case EventStanding.WAITING:
            return waiting_text(view.reason, crm_name)
        case EventStanding.NOTHING:
            return Text(_NOTHING[view.event.outcome]())
        case EventStanding.FAILED:
            return _failed(view, crm_name)
        case EventStanding.DONE:
            return Text(_done(view), _former_texts(view))


def nothing_done(outcome: EventOutcome) -> str:
    """Why an event led to nothing; no words for one that led to something, which tells itself."""
    return _NOTHING[outcome]() if outcome in _NOTHING and outcome is not EventOutcome.RUN else ""


def waiting_text(reason: Reason | None, crm_name: str) -> Text:
    """Why something waits, and when it goes on."""
    if reason is None:
        return Text(_("Is zo aan de beurt."))
    text = reason_text(reason, crm_name)
    # The sentence about what goes on by itself is of a person's own change.
    going_on = _("Het gaat daarna vanzelf door.")
    return Text(text.title, text.explanation, going_on if reason in TRANSIENT else text.remedy)


def _failed(view: EventView, crm_name: str) -> Text:
    if view.outcome is None:
        return failed_text(view.reason or Reason.UNEXPECTED, crm_name)
    reason = view.reason or (Reason.UNEXPECTED if view.outcome is Outcome.FAILED else None)
    found = outcome_text(view.outcome, reason, view.detail, crm_name)
    return found or Text(_("Spotler is niet bijgewerkt."))


def _done(view: EventView) -> str:
    if view.event.outcome is EventOutcome.FIRED:
        return _("De actie is gestart; haar geschiedenis zegt wat zij deed.")
    if view.event.type is EventType.CONTACT_DELETED:
        if view.outcome is Outcome.UNCHANGED:
            return _("Spotler mailde deze contactpersoon al niet meer; de koppeling is verbroken.")
        return _("De permissies staan uit in Spotler, en de contactpersoon is ontkoppeld.")
    if view.event.contact_id in view.event.former_ids:
        # Only who was the primary contact before is linked.
        return ""
    if view.detail.left:
        return _("Niet meer primair bij de relatie; wat daarbij hoorde is leeggemaakt in Spotler.")
    if view.outcome is Outcome.UNCHANGED:
        return _("In Spotler stond het al zo.")
    if view.event.type is EventType.CONTACT_MERGED:
        return _("De strengste permissies van de twee gelden.")
    return _("Bijgewerkt in Spotler.")


def _former_texts(view: EventView) -> str:
    """What became of who was the relation's primary contact before."""
    return " ".join(_former_text(each) for each in view.former)


def _former_text(former: Former) -> str:
    who = former.name or former.contact_id
    if former.outcome is Outcome.OPEN:
        return _("De vorige primaire contactpersoon, %(who)s, is nog aan de beurt.", who=who)
    if former.outcome not in IN_STEP:
        return _(
            "De vorige primaire contactpersoon, %(who)s, kon niet worden bijgewerkt; bij Bekijken"
            " staat waarom.",
            who=who,
        )
    if former.detail.left:
        return _(
            "Bij de vorige primaire contactpersoon, %(who)s, zijn de waarden leeggemaakt.", who=who
        )
    return _(
        "Bij de vorige primaire contactpersoon, %(who)s, hoefde niets te worden leeggemaakt.",
        who=who,
    )
