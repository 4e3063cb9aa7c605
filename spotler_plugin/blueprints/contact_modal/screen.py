"""How the modal's form looks in each of its situations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from flask import render_template

from spotler_plugin.blueprints.contact_modal.said import Said, of_run, of_standing
from spotler_plugin.embedding import Session, messages
from spotler_plugin.forms.contact_modal import ContactForm, DecisionForm
from spotler_plugin.models import AMISS, IN_STEP, Outcome
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backup.request import First, first_standing
from spotler_plugin.services.contact.progress import RunView
from spotler_plugin.services.contact.standing import ContactView, view_contact
from spotler_plugin.services.contact.view import FreshView
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.consent.grounds import GROUNDS
from spotler_plugin.wording.reasons import reason_text
from spotler_plugin.wording.text import Text

PATIENCE = timedelta(seconds=5)
"""After so long the person may go; the work goes on."""

CANNOT_BE_SAVED = (Reason.GONE, Reason.NO_ADDRESS, Reason.ADDRESS_MALFORMED)
"""As far as we know, saving would be blocked."""


def rendered(
    session: Session,
    view: ContactView,
    *,
    mailings: str = "kept",
    fresh: FreshView | None = None,
    said: Said | None = None,
    keep: bool = False,
) -> str:
    """The form. `keep`: what was changed meanwhile stays so; else the switches show what is.

    `mailings`: "loading" on the first paint, "kept" for the list that is on the screen already.
    """
    trouble = fresh.trouble if fresh else None
    if fresh:
        mailings = "unread" if fresh.mailings is None else "read"
    is_erased = view.status.reason is Reason.ERASED
    can_save = view.connected and not view.status.opted_out and not is_erased
    return render_template(
        "contact_modal/_contact.html",
        contact=view,
        contact_id=session.contact_id,
        crm_name=session.environment.name,
        said=said or of_standing(session, view, fresh),
        may_edit=session.may("edit"),
        may_erase=session.may("admin"),
        may_go_back=session.may("admin") and view.connected,
        can_save=session.may("edit") and can_save and trouble not in CANNOT_BE_SAVED,
        mailings=mailings if view.connected else "none",
        sent=(fresh and fresh.mailings) or [],
        grounds=GROUNDS,
        form=ContactForm(formdata=None, request_token=str(uuid4())),
        decision=DecisionForm(formdata=None),
        keep=keep,
    )


def is_settled(seen: RunView) -> bool:
    return seen.outcome is not Outcome.OPEN and not seen.enrolments_open


def progress(session: Session, seen: RunView, *, first: bool = False) -> str:
    """The waiting, which asks again by itself."""
    why = seen.halted or seen.reason
    late = datetime.now(UTC) - seen.waiting_since > PATIENCE
    text = Text(_("Bezig met opslaan…"))
    if why:
        text = reason_text(why, session.environment.name, seen.detail)
    elif late and first_standing(session.environment.id) is First.AWAITED:
        text = Text(
            _("Wacht op de eerste back-up van Spotler."), _("Daarna gaat het vanzelf door.")
        )
    elif late:
        text = Text(_("Dit duurt langer dan anders."), _("Je wijziging gaat vanzelf door."))
    return render_template(
        "contact_modal/_progress.html",
        run_id=seen.id,
        text=text,
        first=first,
        may_go=late or why is not None,
    )


def settled_screen(session: Session, seen: RunView) -> str:
    """What became of it, for the person and for the CRM; when all went well the modal closes."""
    view = view_contact(session.environment, session.contact_id)
    messages.send("contact.synced", id=session.contact_id, status=view.status.status)
    said = of_run(session, view, seen)
    if seen.outcome in IN_STEP and not said and not _starts_amiss(view, seen):
        messages.toast(_("Opgeslagen."))
        messages.send("modal.close", result="saved")
    # The same changes can be sent again: with the choice of whose the address is, or as they are.
    keep = said is not None and (said.choose or said.asks_again)
    return rendered(session, view, said=said, keep=keep)


def _starts_amiss(view: ContactView, seen: RunView) -> bool:
    """An automation of this saving did not start, or nobody knows: its switch tells."""
    return any(
        switch.state in AMISS
        and switch.asked_at is not None
        and switch.asked_at >= seen.waiting_since
        for switch in view.automations
    )
