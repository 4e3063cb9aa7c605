"""What stands above the switches of the modal: how the contact stands, or what became of saving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from spotler_plugin.embedding import Session
from spotler_plugin.models import WRITTEN, Outcome
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.contact import ContactView
from spotler_plugin.services.link import Status
from spotler_plugin.services.run_single import RunView
from spotler_plugin.translation import exact_time
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording import Text, failed_text, reason_text

CHOOSABLE = (Reason.ADDRESS_OF_ANOTHER, Reason.ADDRESS_DOUBLED)
"""A person may say that the address is this contact's."""

UNREAD = (Reason.SPOTLER_AWAY, Reason.BUSY, Reason.CRM_AWAY)


@dataclass(frozen=True, slots=True)
class Said:
    level: str
    text: Text
    points: tuple[Text, ...] = ()
    details: str = ""
    focus: bool = False
    choose: bool = False
    """Offer to take the address over."""


def of_standing(session: Session, view: ContactView, trouble: Reason | None) -> Said | None:
    """How the contact stands, before anything was done on this screen."""
    crm_name = session.environment.name
    standing = view.status
    if not view.connected:
        return Said("warning", reason_text(Reason.NOT_CONNECTED, {}, crm_name))
    if trouble in UNREAD:
        return Said("warning", _stale(trouble, view, crm_name))
    if trouble:
        return Said("warning", reason_text(trouble, {}, crm_name))
    match standing.status:
        case Status.PENDING:
            return Said("info", Text(_("Wordt bijgewerkt in Spotler…")))
        case Status.INACTIVE:
            return Said("warning", reason_text(Reason.INACTIVE, {}, crm_name))
        case Status.ERROR:
            reason = standing.reason or Reason.UNEXPECTED
            return Said("error", failed_text(reason, standing.detail, crm_name))
    if standing.reason:
        choose = standing.reason in CHOOSABLE and session.may("edit")
        text = reason_text(standing.reason, standing.detail, crm_name)
        return Said("warning", text, choose=choose)
    if standing.status is Status.NOT_SYNCED:
        return Said("info", _not_linked(session))
    return None


def of_run(session: Session, seen: RunView) -> Said | None:
    """What became of saving, when it is not simply saved."""
    crm_name = session.environment.name
    if seen.outcome in WRITTEN:
        points = _left_out(seen.detail, crm_name)
        saved = Text(_("Opgeslagen, maar niet alles ging mee."))
        return Said("warning", saved, points, focus=True) if points else None
    if seen.outcome is Outcome.CANCELLED:
        return Said("info", Text(_("Gestopt. Er is niets gewijzigd.")), focus=True)
    reason = seen.reason or Reason.UNEXPECTED
    words = failed_text if seen.outcome is Outcome.FAILED else reason_text
    return Said(
        "warning" if seen.outcome is Outcome.BLOCKED else "error",
        words(reason, seen.detail, crm_name),
        details=str(seen.detail.get("code") or ""),
        focus=True,
        choose=reason in CHOOSABLE,
    )


def _left_out(detail: Mapping[str, Any], crm_name: str) -> tuple[Text, ...]:
    """Values that did not fit, and sign-offs that won; each is told."""
    refusals = detail.get("refusals", ())
    points = [reason_text(Reason(one["reason"]), one, crm_name) for one in refusals]
    if detail.get("signed_off"):
        points.append(reason_text(Reason.SIGNED_OFF, detail, crm_name))
    return tuple(points)


def _stale(trouble: Reason, view: ContactView, crm_name: str) -> Text:
    title = reason_text(trouble, {}, crm_name).title
    if view.observed_at is None:
        return Text(title, _("Of deze contactpersoon in Spotler staat, is nog niet bekend."))
    return Text(title, _("Dit is de stand van %(moment)s.", moment=exact_time(view.observed_at)))


def _not_linked(session: Session) -> Text:
    return Text(
        _("Deze contactpersoon staat nog niet in Spotler."),
        _("Met Opslaan wordt de contactpersoon gekoppeld.") if session.may("edit") else "",
    )
