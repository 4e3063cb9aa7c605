"""Aan de slag: the key, what was found, the mapping, and linking whoever was in Spotler already."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint

from spotler_plugin.blueprints import connection
from spotler_plugin.blueprints.first_day.screen import Step, found_people, screen
from spotler_plugin.blueprints.key import try_key
from spotler_plugin.blueprints.mapping.screen import Said, editor
from spotler_plugin.blueprints.mapping.selects import mapping_form
from spotler_plugin.blueprints.preview.screen import screen as preview_screen
from spotler_plugin.embedding import Session, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.connection import StepForm
from spotler_plugin.forms.mapping import MappingForm
from spotler_plugin.jobs import preview as preview_jobs
from spotler_plugin.planning.proposal import merged
from spotler_plugin.services.first_day import (
    beginning_of,
    preview_linking,
    save_first_mapping,
)
from spotler_plugin.services.mapping.editor import sheet
from spotler_plugin.services.mapping.store import saved_mapping

blueprint = Blueprint("first_day", __name__, url_prefix="/admin/first-day")

Answer = str | tuple[str, HTTPStatus]


@blueprint.get("")
@require("admin", "admin")
def show(session: Session) -> str:
    return screen(session, StepForm.accept().step.data or Step.FOUND)


@blueprint.post("")
@require("admin", "admin")
def connect(session: Session) -> Answer:
    """A key of another account than before is chosen about where that is asked."""
    tried = try_key(session)
    if tried.is_other:
        return connection.screen(session, focus=True)
    if tried.found is None:
        shown = screen(session, Step.KEY, form=tried.form, is_away=tried.is_away)
        return shown, HTTPStatus.UNPROCESSABLE_ENTITY
    return screen(session, Step.FOUND, is_new=True)


@blueprint.post("/read")
@require("admin", "admin")
def read_again(session: Session) -> str:
    """Read account and CRM once more, and stay at the step."""
    step = StepForm.accept().step.data or Step.FOUND
    return connection.proved(session, lambda _found: screen(session, step))


@blueprint.get("/found")
@require("admin", "admin")
def watch(session: Session) -> str:
    """Who was found, as far as the account was read."""
    return found_people(session, StepForm.accept().step.data or Step.FOUND)


@blueprint.post("/mapping")
@require("admin", "admin")
def save_mapping(session: Session) -> Answer:
    """Nothing was written yet, so saving it changes nobody."""
    form = MappingForm.sent()
    seen, chosen = form.seen.data, form.chosen
    if not mapping_form(sheet(session.environment, chosen)).validate():
        shown = screen(session, Step.MAPPING, chosen=chosen)
        return shown, HTTPStatus.UNPROCESSABLE_ENTITY
    if save_first_mapping(session.environment, seen, chosen):
        db.session.commit()
        return screen(session, Step.LINK, is_new=True)
    db.session.rollback()
    mine = merged(seen, chosen, saved_mapping(session.environment.id))
    if beginning_of(session.environment).is_first_day:
        shown = screen(session, Step.MAPPING, chosen=mine, said=Said.OVERTAKEN)
        return shown, HTTPStatus.CONFLICT
    # Somebody is written by now: what a change does is shown first.
    return editor(session, chosen=mine, said=Said.BEGUN), HTTPStatus.CONFLICT


@blueprint.post("/link")
@require("admin", "admin")
def plan(session: Session) -> Answer:
    """What linking whoever is in Spotler already would do; nothing is changed yet."""
    made = preview_linking(session.environment, session.actor)
    if made is None:
        db.session.rollback()
        return screen(session, Step.LINK, is_new=True), HTTPStatus.CONFLICT
    preview_jobs.start(session.environment.id, made.id)
    return preview_screen(session, made, first=True)
