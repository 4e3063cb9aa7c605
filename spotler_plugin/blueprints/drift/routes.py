"""Verschillen: compare, watch, stop; look through who differs, and synchronise some of them."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort
from flask_htmx import make_response

from spotler_plugin.blueprints.drift.screen import progress, screen
from spotler_plugin.blueprints.preview.screen import screen as preview_screen
from spotler_plugin.embedding import Session, messages, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.drift import DriftForm, SettingForm, TickedForm
from spotler_plugin.forms.run import WatchForm
from spotler_plugin.jobs import drift as drift_jobs
from spotler_plugin.jobs import preview as preview_jobs
from spotler_plugin.models import Drift, DriftState
from spotler_plugin.services.drift.choice import preview_choice
from spotler_plugin.services.drift.items import Filter
from spotler_plugin.services.drift.report import find_drift
from spotler_plugin.services.drift.request import cancel_drift, older_ready, request_drift
from spotler_plugin.services.drift.setting import choose_setting
from spotler_plugin.translation import gettext as _

blueprint = Blueprint("drift", __name__, url_prefix="/admin/drift")

Answer = str | tuple[str, HTTPStatus]


@blueprint.get("")
@require("admin", "admin")
def index(session: Session) -> str:
    return screen(session, DriftForm.accept())


@blueprint.post("")
@require("admin", "admin")
def compare(session: Session) -> str:
    row = request_drift(session.environment, session.actor)
    drift_jobs.start(session.environment.id, row.id)
    return screen(session, said=_("Het vergelijken is begonnen."))


@blueprint.get("/<uuid:drift_id>/progress")
@require("admin", "admin")
def watch(session: Session, drift_id: UUID) -> str | Response:
    """How far it is. Once it is over the screen changes, unless there is a report to look at: that
    stays until somebody asks for the new one."""
    row = _found(session, drift_id)
    is_ready = row.state is DriftState.READY
    if row.state is DriftState.OPEN or (is_ready and older_ready(row) is not None):
        return progress(session, row, WatchForm.accept().said.data)
    response: Response = make_response(screen(session), retarget="#screen")
    return response


@blueprint.delete("/<uuid:drift_id>")
@require("admin", "admin")
def stop(session: Session, drift_id: UUID) -> str:
    cancel_drift(session.environment.id, _found(session, drift_id).id)
    db.session.commit()
    return screen(session)


@blueprint.post("/<uuid:drift_id>/synchronise")
@require("admin", "admin")
def synchronise(session: Session, drift_id: UUID) -> Answer:
    """What a synchronisation of the ticked ones, or of all that match, would do."""
    form, row = TickedForm.accept(), _found(session, drift_id)
    chosen = Filter(form.kind.data, form.property.data or "", form.query.data or "")
    ticked = None if form.all.data else form.item.data or ()
    made = preview_choice(session.environment, row.id, chosen, ticked, session.actor)
    if made is None:
        db.session.rollback()
        said = _("Vink eerst contactpersonen aan die gesynchroniseerd kunnen worden.")
        return screen(session, form, said=said), HTTPStatus.UNPROCESSABLE_ENTITY
    preview_jobs.start(session.environment.id, made.id)
    return preview_screen(session, made, first=True)


@blueprint.post("/setting")
@require("admin", "admin")
def save_setting(session: Session) -> Answer:
    form = SettingForm()
    if not form.validate():
        return screen(session, setting=form), HTTPStatus.UNPROCESSABLE_ENTITY
    choose_setting(
        session.environment.id, nightly=form.nightly.data, threshold=form.threshold.data or 0
    )
    db.session.commit()
    messages.toast(_("Opgeslagen."))
    return screen(session)


def _found(session: Session, drift_id: UUID) -> Drift:
    row = find_drift(session.environment.id, drift_id)
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    return row
