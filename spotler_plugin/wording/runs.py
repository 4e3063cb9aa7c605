"""Words of a run: what it is called, how it stands, and what became of a contact."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from spotler_plugin.models import OF_EVENTS, Outcome, Run, RunKind, RunState, Source
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.proposal import Remapping
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.drift.items import Writer
from spotler_plugin.services.run.items import Filter
from spotler_plugin.services.run.report import Report
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import ngettext, number
from spotler_plugin.wording.reasons import failed_text, reason_text, refusal_text
from spotler_plugin.wording.text import Text

STEPS = ((60, 10), (600, 60), (3600, 300))
"""Up to so many seconds the time left is told in steps of so many."""
LARGEST_STEP = 900
MOST_WRONG = 3
"""Where it would be more than so many times what was told, nothing is told."""

# Called when they are shown, because the language is the session's.
_TITLES: dict[str, Callable[[str], str]] = {
    RunKind.MAPPING: lambda who: _("Mapping gewijzigd door %(who)s", who=who),
    RunKind.SYNC: lambda who: _("Synchronisatie gestart door %(who)s", who=who),
    RunKind.BULK: lambda who: _("Bulkmutatie door %(who)s", who=who),
    RunKind.ACTION: lambda who: _("Automatische actie: %(name)s", name=who),
    RunKind.RESTORE: lambda who: _("Back-up teruggezet door %(who)s", who=who),
    RunKind.UNDO: lambda who: _("Ongedaan gemaakt door %(who)s", who=who),
    RunKind.LINK: lambda who: _("Eerste koppeling door %(who)s", who=who),
    RunKind.CONTACT: lambda who: _("Contactpersoon opgeslagen door %(who)s", who=who),
}

_STATES: dict[RunState, Callable[[], str]] = {
    RunState.OPEN: lambda: _("Bezig"),
    RunState.HALTED: lambda: _("Wacht op herstel"),
    RunState.FINISHED: lambda: _("Klaar"),
    RunState.CANCELLED: lambda: _("Gestopt"),
}
_OUTCOMES: dict[Outcome, Callable[[], str]] = {
    Outcome.OPEN: lambda: _("Nog te doen"),
    Outcome.LINKED: lambda: _("Gekoppeld"),
    Outcome.UPDATED: lambda: _("Bijgewerkt"),
    Outcome.UNCHANGED: lambda: _("Ongewijzigd"),
    Outcome.BLOCKED: lambda: _("Geblokkeerd"),
    Outcome.REJECTED: lambda: _("Geweigerd"),
    Outcome.FAILED: lambda: _("Mislukt"),
    Outcome.CANCELLED: lambda: _("Gestopt"),
}


def run_title(report: Report | Writer | Run) -> str:
    """What it is for, and who asked: "Mapping gewijzigd door A. de Vries"."""
    if report.source is Source.AUTOMATIC_ACTION:
        if report.actor_name is None:
            return _("Automatische actie")
        return _("Automatische actie: %(name)s", name=report.actor_name)
    if report.kind in OF_EVENTS:
        return _("Wijziging in het CRM")
    if report.undo is not None and report.undo.contact_id is not None:
        who = report.actor_name or _("onbekend")
        return _("Voor één contactpersoon ongedaan gemaakt door %(who)s", who=who)
    title = _TITLES.get(report.kind)
    return title(report.actor_name or _("onbekend")) if title else _("Synchronisatie")


def remapping_text(change: Remapping) -> str:
    """How the mapping was changed: "3 velden erbij, 1 weg"."""
    added, removed, moved = change.sizes
    told = [
        ngettext("%(count)s veld erbij", "%(count)s velden erbij", added, count=added),
        ngettext("%(count)s veld weg", "%(count)s velden weg", removed, count=removed),
        ngettext(
            "%(count)s veld naar een ander Spotler-veld",
            "%(count)s velden naar een ander Spotler-veld",
            moved,
            count=moved,
        ),
    ]
    shown = [text for text, number in zip(told, change.sizes, strict=True) if number]
    return ", ".join(shown) or _("Anders bij de vorige primaire contactpersoon")


def run_state(report: Report) -> str:
    if report.is_stopping:
        return _("Wordt gestopt")
    if report.state is RunState.FINISHED and report.went_wrong:
        return _("Klaar, niet alles lukte")
    return _STATES[report.state]()


def run_mark(report: Report) -> str:
    """The shape and colour beside the word, as a contact's status has them."""
    if report.state is RunState.FINISHED:
        return "warning" if report.went_wrong else "synced"
    marks = {RunState.OPEN: "pending", RunState.HALTED: "inactive"}
    return marks.get(report.state, "not_synced")


def outcome_word(outcome: Outcome) -> str:
    return _OUTCOMES[outcome]()


def outcome_text(
    outcome: Outcome, reason: Reason | None, detail: Detail, crm_name: str
) -> Text | None:
    """Why it came to this, and what to do; nothing to say about what simply went well."""
    if outcome is Outcome.CANCELLED:
        return Text(_("Gestopt voordat deze aan de beurt was"))
    if reason is None:
        return Text(_("Niet alles ging mee")) if detail.refusals else None
    words = reason_text if outcome in (Outcome.OPEN, Outcome.BLOCKED) else failed_text
    return words(reason, crm_name, detail)


def chosen_words(chosen: Filter, crm_name: str) -> str:
    """Whom a list of contacts is confined to; empty where it has all of them."""
    words = [outcome_word(chosen.outcome)] if chosen.outcome else []
    if chosen.reason:
        detail = Detail(message=chosen.message)
        words.append(reason_text(chosen.reason, crm_name, detail).title.rstrip("."))
    if chosen.query:
        words.append(_("„%(text)s”", text=chosen.query))
    if chosen.item is not None:
        words.append(_("één contactpersoon"))
    return " · ".join(words)


def left_out(detail: Detail, crm_name: str) -> list[Text]:
    """Values that did not fit, and sign-offs that won; the rest of the contact went along."""
    told = [refusal_text(refusal, crm_name) for refusal in detail.refusals]
    if detail.signed_off:
        told.append(reason_text(detail.why_off, crm_name, detail))
    return told


def parted(detail: Detail) -> list[Text]:
    """Values that went because the contact is no longer its relation's primary one."""
    if not detail.left:
        return []
    why = _("Wat daarbij hoorde is leeggemaakt, zoals de mapping zegt.")
    return [Text(_("Niet meer primair bij de relatie"), why)]


def told_left(seconds: float | None, told: int | None) -> int | None:
    """Return the time left in steps; it is never more than was told before, for that would climb.

    Where it turns out to be far more nothing is told; so it is where it is not known.
    """
    if seconds is None:
        return None
    step = next((step for most, step in STEPS if seconds <= most), LARGEST_STEP)
    left = max(ceil(seconds / step), 1) * step
    if told is None or left <= told:
        return left
    return told if left <= MOST_WRONG * told else None


def counted_text(report: Report) -> str:
    """How many of a run are done; of one that was stopped also how many are not, or none."""
    done, selected = number(report.done), number(report.selected)
    if report.stopped or report.state is RunState.CANCELLED:
        return _(
            "%(total)s geselecteerd, %(done)s gedaan, %(left)s niet meer",
            total=selected,
            done=done,
            left=number(report.stopped),
        )
    return _("%(done)s van %(total)s contactpersonen", done=done, total=selected)


def stop_question(report: Report) -> str:
    """What stopping means for how many, at this moment."""
    return ngettext(
        "De synchronisatie stoppen? Wat al is bijgewerkt, blijft zo; %(left)s contactpersoon wordt"
        " overgeslagen.",
        "De synchronisatie stoppen? Wat al is bijgewerkt, blijft zo; %(left)s contactpersonen"
        " worden overgeslagen.",
        report.left,
        left=number(report.left),
    )
