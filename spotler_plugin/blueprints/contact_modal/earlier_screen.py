"""How the modal's way back looks: the list, what would happen, and what became of it."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import abort, render_template

from spotler_plugin.blueprints.contact_modal.screen import rendered
from spotler_plugin.blueprints.preview.screen import Place, variables
from spotler_plugin.blueprints.run.changes import labels_of
from spotler_plugin.blueprints.run.shown import shown_item
from spotler_plugin.embedding import Session, messages
from spotler_plugin.forms.preview import ConfirmForm
from spotler_plugin.models import Outcome, Preview, RunState
from spotler_plugin.services.contact.earlier import ways_back
from spotler_plugin.services.contact.standing import view_contact
from spotler_plugin.services.run.items import Filter, page_of_items
from spotler_plugin.services.run.report import find_report
from spotler_plugin.wording.reasons import reason_text

PLACE = Place("contact_earlier", "contact_earlier.undo", "#contact", of_one=True)


def list_screen(session: Session, *, said: str = "") -> str:
    """The runs that changed this contact, and the backups that hold it."""
    ways = ways_back(session.environment, session.contact_id)
    labels = labels_of(session.environment.id)
    return render_template(
        "contact_modal/_earlier.html",
        name=view_contact(session.environment, session.contact_id).name,
        ways=ways,
        changed=[(each, shown_item(session, each.item, labels)) for each in ways.changed],
        said=said,
    )


def form_screen(session: Session) -> str:
    """The contact's form, which asks for what is new."""
    view = view_contact(session.environment, session.contact_id)
    return render_template(
        "contact_modal/_again.html", form=rendered(session, view, mailings="loading")
    )


def preview_screen(
    session: Session, row: Preview, form: ConfirmForm | None = None, *, first: bool = False
) -> str:
    """What would happen, for this contact."""
    known = variables(session, row, form, first, PLACE)
    return render_template("contact_modal/_earlier_preview.html", **known)


def run_screen(session: Session, run_id: UUID, *, first: bool = False) -> str:
    """How far it is; or what became of this contact, which the CRM is told as well."""
    report = find_report(session.environment.id, run_id)
    page = page_of_items(session.environment.id, run_id, Filter(), 1)
    own = [each for each in page.rows if each.contact_id == session.contact_id]
    if report is None or not own:
        abort(HTTPStatus.NOT_FOUND)
    is_over = own[0].outcome is not Outcome.OPEN
    why = report.halted if report.state is RunState.HALTED else own[0].reason
    crm_name = session.environment.name
    if is_over:
        status = view_contact(session.environment, session.contact_id).status.status
        messages.send("contact.synced", id=session.contact_id, status=status)
    return render_template(
        "contact_modal/_earlier_run.html",
        report=report,
        one=shown_item(session, own[0], labels_of(session.environment.id)),
        is_over=is_over,
        why=reason_text(why, crm_name, own[0].detail) if why and not is_over else None,
        first=first,
    )
