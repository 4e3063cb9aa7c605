"""The modal of a contact: its permissions, automations and mailings; saving and watching that."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, render_template
from flask_htmx import make_response

from spotler_plugin.blueprints.contact_modal import history as histories
from spotler_plugin.blueprints.contact_modal.said import of_address
from spotler_plugin.blueprints.contact_modal.screen import (
    is_settled,
    progress,
    rendered,
    settled_screen,
)
from spotler_plugin.embedding import Session, data_for_script, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.contact_modal import ContactForm, DecisionForm, HistoryForm, OwnerForm
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.services.contact.progress import progress_of
from spotler_plugin.services.contact.save import decide_start, save_contact
from spotler_plugin.services.contact.shared import leave_address
from spotler_plugin.services.contact.standing import needs_ground, view_contact
from spotler_plugin.services.contact.view import refresh_contact
from spotler_plugin.services.link.status import Status

blueprint = Blueprint("contact_modal", __name__, url_prefix="/contact-modal")


def page(session: Session) -> str:
    """The widget's document, from what we know; it asks for `fresh` as soon as it stands."""
    return render_template(
        "contact_modal/page.html",
        session_data=data_for_script(session),
        widget=session.widget,
        form=rendered(
            session,
            view_contact(session.environment, session.contact_id),
            mailings="loading",
        ),
    )


@blueprint.post("/fresh")
@require("contact-modal", "read")
def fresh(session: Session) -> str:
    """A POST, because what CRM and Spotler say is kept."""
    seen = refresh_contact(session.environment, session.contact_id)
    return rendered(session, seen.contact, fresh=seen, keep=True)


@blueprint.get("/standing")
@require("contact-modal", "read")
def standing(session: Session) -> str | Response:
    """The form anew, once what waited is done; while it waits nothing changes."""
    seen = view_contact(session.environment, session.contact_id)
    if seen.status.status is Status.PENDING:
        return Response(status=HTTPStatus.NO_CONTENT)
    return rendered(session, seen, keep=True)


@blueprint.post("/save")
@require("contact-modal", "edit")
def save(session: Session) -> str | tuple[str, HTTPStatus]:
    form = ContactForm.accept()
    changed, grounds = form.changed_permissions(), form.grounds()
    if not grounds and needs_ground(session.environment, session.contact_id, changed):
        form.refuse_without_ground()
        fragment = render_template("contact_modal/_no_ground.html", form=form)
        return fragment, HTTPStatus.UNPROCESSABLE_ENTITY
    run_id = save_contact(
        session.environment,
        session.contact_id,
        actor=session.actor,
        request_token=form.token,
        permissions=changed,
        grounds=grounds,
        automations=form.automation.data or [],
        take_over=form.take_over.data,
        seen=form.shown,
    )
    return _started(session, run_id)


@blueprint.get("/runs/<uuid:run_id>")
@require("contact-modal", "read")
def watch(session: Session, run_id: UUID) -> str | Response:
    """How the saving stands; once it is settled the form takes the place of the waiting."""
    seen = progress_of(session.environment.id, run_id, session.contact_id)
    if seen is None:
        abort(HTTPStatus.NOT_FOUND)
    if not is_settled(seen):
        return progress(session, seen)
    return _in_place_of_form(settled_screen(session, seen))


@blueprint.post("/enrolments/<uuid:enrolment_id>")
@require("contact-modal", "edit")
def decide(session: Session, enrolment_id: UUID) -> str | Response:
    """Settle an automation start of which nobody knows whether it arrived."""
    form = DecisionForm.accept()
    run_id = decide_start(
        session.environment,
        session.contact_id,
        enrolment_id,
        started=form.started,
        actor=session.actor,
        request_token=form.token,
    )
    return _started(session, run_id) if run_id else _decided(session)


@blueprint.post("/address/leave")
@require("contact-modal", "edit")
def leave(session: Session) -> str:
    """Keep that the address is another contact's, as a person says."""
    owner_id = OwnerForm.accept().owner.data or ""
    leave_address(session.environment.id, session.contact_id, owner_id, session.actor)
    db.session.commit()
    shown = view_contact(session.environment, session.contact_id)
    said = replace(of_address(session, shown), focus=True)
    return rendered(session, shown, said=said, keep=True)


@blueprint.get("/history")
@require("contact-modal", "read")
def history(session: Session) -> str:
    """What happened to the contact; asked for by who wants to know."""
    form = HistoryForm.accept()
    return histories.history(session, form.kind.data, form.place)


def _started(session: Session, run_id: UUID) -> str:
    """The waiting for a run, which is committed and enqueued."""
    run_jobs.start(run_id)
    seen = progress_of(session.environment.id, run_id, session.contact_id)
    if seen is None:
        # A form that was sent twice, first for another contact: not made by our page.
        abort(HTTPStatus.CONFLICT)
    return progress(session, seen, first=True)


def _decided(session: Session) -> Response:
    db.session.commit()
    shown = view_contact(session.environment, session.contact_id)
    return _in_place_of_form(rendered(session, shown, keep=True))


def _in_place_of_form(fragment: str) -> Response:
    """Where the waiting was asked for, the whole form is put instead."""
    response: Response = make_response(fragment, retarget="#contact", reswap="outerHTML")
    return response
