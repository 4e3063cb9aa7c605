"""What stands above the switches of the modal: how the contact stands, or what became of saving."""

from __future__ import annotations

from dataclasses import dataclass

from spotler_plugin.embedding import Session
from spotler_plugin.models import IN_STEP, Outcome
from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.reason import OF_ADDRESS, TRANSIENT, Reason
from spotler_plugin.services.contact.progress import RunView
from spotler_plugin.services.contact.view import ContactView
from spotler_plugin.services.link.status import Status
from spotler_plugin.translation import exact_time
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.reasons import failed_text, reason_text
from spotler_plugin.wording.runs import left_out, parted
from spotler_plugin.wording.text import Text


@dataclass(frozen=True, slots=True)
class Said:
    level: str
    text: Text
    points: tuple[Text, ...] = ()
    details: str = ""
    focus: bool = False
    choose: bool = False
    """Offer to take the address over."""


def of_standing(
    session: Session, view: ContactView, trouble: Reason | None, detail: Detail = NOTHING
) -> Said | None:
    """How the contact stands, before anything was done on this screen.

    `detail` belongs to the trouble.
    """
    crm_name = session.environment.name
    standing = view.status
    if not view.connected:
        return Said("warning", reason_text(Reason.NOT_CONNECTED, crm_name))
    if trouble in TRANSIENT:
        return Said("warning", _stale(trouble, view, crm_name))
    if trouble:
        return Said("warning", reason_text(trouble, crm_name, detail))
    match standing.status:
        case Status.PENDING:
            return Said("info", Text(_("Wordt bijgewerkt in Spotler…")))
        case Status.INACTIVE:
            return Said("warning", reason_text(Reason.INACTIVE, crm_name, standing.detail))
        case Status.ERROR:
            reason = standing.reason or Reason.UNEXPECTED
            choose = reason in OF_ADDRESS and session.may("edit")
            return Said("error", failed_text(reason, crm_name, standing.detail), choose=choose)
    if standing.reason:
        choose = standing.reason in OF_ADDRESS and session.may("edit")
        text = reason_text(standing.reason, crm_name, standing.detail)
        return Said("warning", text, choose=choose)
    if standing.status is Status.NOT_SYNCED:
        return Said("info", _not_linked(session))
    return None


def of_run(session: Session, seen: RunView) -> Said | None:
    """What became of saving, when it is not simply saved."""
    crm_name = session.environment.name
    if seen.outcome in IN_STEP:
        points = tuple(left_out(seen.detail, crm_name))
        saved = Text(_("Opgeslagen, maar niet alles ging mee."))
        if points:
            return Said("warning", saved, points, focus=True)
        return next((Said("info", text, focus=True) for text in parted(seen.detail)), None)
    if seen.outcome is Outcome.CANCELLED:
        return Said("info", Text(_("Gestopt. Er is niets gewijzigd.")), focus=True)
    reason = seen.reason or Reason.UNEXPECTED
    words = failed_text if seen.outcome is Outcome.FAILED else reason_text
    return Said(
        "warning" if seen.outcome is Outcome.BLOCKED else "error",
        words(reason, crm_name, seen.detail),
        details=seen.detail.code,
        focus=True,
        choose=reason in OF_ADDRESS,
    )


def _stale(trouble: Reason, view: ContactView, crm_name: str) -> Text:
    title = reason_text(trouble, crm_name).title
    if view.observed_at is None:
        return Text(title, _("Of deze contactpersoon in Spotler staat, is nog niet bekend."))
    return Text(title, _("Dit is de stand van %(moment)s.", moment=exact_time(view.observed_at)))


def _not_linked(session: Session) -> Text:
    return Text(
        _("Deze contactpersoon staat nog niet in Spotler."),
        _("Met Opslaan wordt de contactpersoon gekoppeld.") if session.may("edit") else "",
    )
