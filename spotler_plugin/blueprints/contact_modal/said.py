"""What stands above the switches of the modal: how the contact stands, or what became of saving."""

from __future__ import annotations

from dataclasses import dataclass, replace

from spotler_plugin.blueprints.run.changes import labels_of
from spotler_plugin.embedding import Session
from spotler_plugin.models import IN_STEP, Outcome
from spotler_plugin.planning.detail import NOTHING
from spotler_plugin.planning.reason import OF_ADDRESS, TRANSIENT, Reason
from spotler_plugin.services.account.client import find_connection
from spotler_plugin.services.contact.first import FirstLink
from spotler_plugin.services.contact.progress import RunView
from spotler_plugin.services.contact.standing import ContactView
from spotler_plugin.services.contact.view import FreshView
from spotler_plugin.services.link.lag import There
from spotler_plugin.services.link.status import Status
from spotler_plugin.translation import exact_time
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.consent.switches import permission_note
from spotler_plugin.wording.contact.address import shared_text
from spotler_plugin.wording.contact.lag import there_text
from spotler_plugin.wording.reasons import failed_text, reason_text
from spotler_plugin.wording.runs import left_out, parted
from spotler_plugin.wording.statuses import inactive_text, status_text
from spotler_plugin.wording.text import Text, technical

SHARED = OF_ADDRESS - {Reason.ID_OF_ANOTHER}
"""Reasons that are about who else has the address."""


@dataclass(frozen=True, slots=True)
class Said:
    level: str
    text: Text
    points: tuple[Text, ...] = ()
    details: str = ""
    focus: bool = False
    choose: bool = False
    """Offer to take the address over."""
    whose: bool = False
    """Tell who else has the address."""
    asks_again: bool = False
    """Nothing was saved, and the same changes may be sent again."""


def of_standing(session: Session, view: ContactView, fresh: FreshView | None = None) -> Said | None:
    """How the contact stands, before anything was done on this screen."""
    crm_name = session.environment.name
    standing, trouble = view.status, fresh.trouble if fresh else None
    if not view.connected:
        return Said("warning", reason_text(Reason.NOT_CONNECTED, crm_name))
    if standing.status is Status.PENDING and (trouble is None or trouble in TRANSIENT):
        return Said("warning" if standing.reason else "info", status_text(standing, crm_name))
    if trouble in TRANSIENT:
        return Said("warning", _stale(trouble, view, crm_name))
    if trouble:
        words = reason_text(trouble, crm_name, fresh.detail if fresh else NOTHING)
        return Said("warning", words, _who_entered(session, trouble))
    match standing.status:
        case Status.INACTIVE:
            return Said("warning", inactive_text(standing, crm_name))
        case Status.ERROR:
            reason = standing.reason or Reason.UNEXPECTED
            if reason in SHARED and view.shared:
                return of_address(session, view)
            choose = reason in OF_ADDRESS and session.may("edit")
            text = failed_text(reason, crm_name, standing.detail)
            return Said("error", text, details=technical(standing.detail), choose=choose)
    if standing.behind:
        return Said("warning", status_text(standing, crm_name))
    if view.shared and (standing.reason in SHARED or not standing.reason):
        return of_address(session, view)
    if standing.reason:
        choose = standing.reason in OF_ADDRESS and session.may("edit")
        text = reason_text(standing.reason, crm_name, standing.detail)
        return Said("warning", text, choose=choose)
    if standing.status is Status.NOT_SYNCED:
        return _not_linked(session, view, fresh)
    return None


def _who_entered(session: Session, trouble: Reason) -> tuple[Text, ...]:
    """Whom to ask about a key that is refused, for who cannot replace it."""
    if trouble is not Reason.CREDENTIALS_REFUSED or session.may("admin"):
        return ()
    row = find_connection(session.environment.id)
    told = _("De key is ingevoerd door %(who)s.", who=row.connected_by) if row else ""
    return (Text(told),) if told else ()


def of_run(session: Session, view: ContactView, seen: RunView) -> Said | None:
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
    if reason in SHARED and view.shared:
        return replace(of_address(session, view), focus=True)
    if reason is Reason.SWITCHED_SINCE:
        moved = _moved(view, seen)
        return Said("warning", reason_text(reason, crm_name), moved, focus=True, asks_again=True)
    words = failed_text if seen.outcome is Outcome.FAILED else reason_text
    return Said(
        "warning" if seen.outcome is Outcome.BLOCKED else "error",
        words(reason, crm_name, seen.detail),
        details=technical(seen.detail),
        focus=True,
        choose=reason in OF_ADDRESS,
    )


def of_address(session: Session, view: ContactView) -> Said:
    """Who else has the contact's address, and whose it is; or what there is to say without."""
    shared = view.shared
    if shared is None:
        return Said("info", Text(_("Niemand anders heeft dit e-mailadres.")))
    text, may_edit = shared_text(shared), session.may("edit")
    is_in_the_way = shared.holder is not None and not shared.is_settled
    if is_in_the_way and shared.owner is None and may_edit:
        text = replace(text, remedy=_("Zeg van wie het is; dat wordt onthouden."))
    level = "warning" if is_in_the_way else "info"
    return Said(level, text, choose=is_in_the_way and may_edit, whose=True)


def _of_first(session: Session, first: FirstLink) -> Said:
    """That Spotler has somebody with the address already, and what of that stays."""
    labels, crm_name = labels_of(session.environment.id), session.environment.name
    stays = [labels.changed(name, value, None) for name, value in first.stays.items()]
    becomes = [labels.changed(name, *both) for name, both in first.becomes.items()]
    points = [
        Text(
            _("%(field)s: „%(value)s” blijft staan", field=label, value=value),
            _("In %(crm)s is dit leeg.", crm=crm_name),
        )
        for label, value, _empty in stays
    ] + [
        Text(_("%(field)s: „%(value)s” wordt „%(new)s”", field=label, value=value, new=new))
        for label, value, new in becomes
        if value
    ]
    text = Text(
        _("Spotler heeft al een contact met dit e-mailadres."),
        _("Met Opslaan wordt dat gekoppeld.") if session.may("edit") else "",
    )
    return Said("info", text, tuple(points))


def _moved(view: ContactView, seen: RunView) -> tuple[Text, ...]:
    """The permissions that are no longer as the screen showed them."""
    return tuple(
        Text(
            _("%(permission)s is nu aan", permission=switch.description)
            if switch.enabled
            else _("%(permission)s is nu uit", permission=switch.description),
            permission_note(switch),
        )
        for switch in view.permissions
        if switch.bit in seen.detail.moved
    )


def _stale(trouble: Reason, view: ContactView, crm_name: str) -> Text:
    title = reason_text(trouble, crm_name).title
    if view.observed_at is None:
        return Text(title, _("Of deze contactpersoon in Spotler staat, is nog niet bekend."))
    return Text(title, _("Dit is de stand van %(moment)s.", moment=exact_time(view.observed_at)))


def _not_linked(session: Session, view: ContactView, fresh: FreshView | None) -> Said:
    """What Spotler has of who is not linked; it was asked, where that came without trouble."""
    if fresh and fresh.first:
        return _of_first(session, fresh.first)
    there = view.status.there
    if fresh and fresh.trouble is None and there is There.UNKNOWN:
        there = There.NOBODY
    text = there_text(there, view.connected, session.environment.name)
    if there is There.NOBODY and session.may("edit"):
        text = replace(text, explanation=_("Met Opslaan wordt de contactpersoon gekoppeld."))
    return Said("info", text)
