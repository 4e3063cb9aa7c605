"""Fill in what changes for a selection, watch what that would do, and save it."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort
from flask_htmx import make_response

from spotler_plugin.blueprints.bulk_step.screen import (
    PLACE,
    ended,
    mutation_form,
    page_of,
    plan_of,
    refused,
    saved_otherwise,
)
from spotler_plugin.blueprints.preview.people import people_list
from spotler_plugin.embedding import Session, messages, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.adjustment.mutation import MutationForm
from spotler_plugin.forms.preview import PeopleForm
from spotler_plugin.jobs import preview as preview_jobs
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import Preview, PreviewState
from spotler_plugin.services.mutation import find_mutation, preview_mutation
from spotler_plugin.services.preview.approve import (
    Braked,
    MappingChanged,
    NotReady,
    Stale,
    confirm_preview,
)
from spotler_plugin.services.run.report import find_report

blueprint = Blueprint("bulk_step", __name__, url_prefix="/bulk-step")

Answer = str | Response | tuple[str, HTTPStatus]


def page(session: Session) -> str:
    """The document of the widget; it asks for the plan as soon as it stands."""
    return page_of(session, mutation_form(session.environment.id)(formdata=None))


@blueprint.post("/plan")
@require("bulk-step", "edit")
def plan(session: Session) -> Answer:
    """Work out what the form would do, from the beginning."""
    form = mutation_form(session.environment.id)()
    if not form.validate():
        return refused(session, form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _planned(session, form)


@blueprint.get("/plan/<uuid:preview_id>")
@require("bulk-step", "edit")
def watch(session: Session, preview_id: UUID) -> str | Response:
    """Its end, once it was saved (perhaps in another tab)."""
    row = _found(session, preview_id)
    if row.state is PreviewState.CONFIRMED and row.run_id is not None:
        return _ended(session, row.run_id)
    return plan_of(session, row)


@blueprint.get("/plan/<uuid:preview_id>/people")
@require("bulk-step", "edit")
def people(session: Session, preview_id: UUID) -> str:
    """By name who is behind a number, or of whom less would be done than was asked."""
    row, form = _found(session, preview_id), PeopleForm.accept()
    return people_list(session, row, form, PLACE)


@blueprint.post("")
@require("bulk-step", "edit")
def save(session: Session) -> Answer:
    """Save what the plan on the screen says, and nothing else."""
    form = mutation_form(session.environment.id)()
    if not form.validate():
        return refused(session, form), HTTPStatus.UNPROCESSABLE_ENTITY
    row = find_mutation(session.environment.id, form.preview, session.selection_id)
    if row is None or row.adjustment != form.adjustment:
        return _planned(session, form), HTTPStatus.CONFLICT
    try:
        run_id = confirm_preview(session.environment, row.id, session.actor, form.number.data)
    except Braked:
        form.refuse()
        return plan_of(session, row, form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    except (NotReady, Stale, MappingChanged):
        db.session.rollback()
        return _planned(session, form, is_renewed=True), HTTPStatus.CONFLICT
    if run_id is None:
        abort(HTTPStatus.NOT_FOUND)
    run_jobs.start(run_id)
    saved = find_report(session.environment.id, run_id)
    if saved is not None and saved.adjustment != row.adjustment:
        return saved_otherwise(), HTTPStatus.CONFLICT
    return _ended(session, run_id)


def _planned(session: Session, form: MutationForm, *, is_renewed: bool = False) -> str:
    row = preview_mutation(
        session.environment,
        session.selection_id,
        form.adjustment,
        session.actor,
        is_renewed=is_renewed,
    )
    preview_jobs.start(session.environment.id, row.id)
    return plan_of(session, row, checked=form, first=True)


def _ended(session: Session, run_id: UUID) -> Response:
    messages.send("wizard.done", run=str(run_id))
    response: Response = make_response(ended(session), retarget="#step", reswap="outerHTML")
    return response


def _found(session: Session, preview_id: UUID) -> Preview:
    row = find_mutation(session.environment.id, preview_id, session.selection_id)
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    return row
