"""Back-ups: make one, watch it, stop it, delete it, choose how long each is kept."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, url_for
from flask_htmx import make_response

from spotler_plugin.blueprints.backup.screen import progress, refusals_screen, screen
from spotler_plugin.embedding import Session, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.backup.files import BackupSettingsForm
from spotler_plugin.forms.run import PageForm, WatchForm
from spotler_plugin.jobs import backup as backup_jobs
from spotler_plugin.models import BackupCause, BackupState
from spotler_plugin.services.account.client import is_connected
from spotler_plugin.services.backup.download import make_link
from spotler_plugin.services.backup.find import BackupView, find_backup
from spotler_plugin.services.backup.request import (
    cancel_backup,
    delete_backup,
    request_backup,
    waive_first,
)
from spotler_plugin.services.backup.retention import choose
from spotler_plugin.translation import gettext as _

blueprint = Blueprint("backup", __name__, url_prefix="/admin/backups")

Answer = str | tuple[str, HTTPStatus]


@blueprint.get("")
@require("admin", "admin")
def index(session: Session) -> str:
    return screen(session, PageForm.accept().number)


@blueprint.post("")
@require("admin", "admin")
def make(session: Session) -> str:
    if not is_connected(session.environment.id):
        return screen(session)
    made = request_backup(session.environment.id, BackupCause.PERSON, session.actor)
    backup_jobs.start(session.environment.id, made.id)
    return screen(session, said=_("Je kunt intussen gewoon doorwerken."))


@blueprint.get("/<uuid:backup_id>/progress")
@require("admin", "admin")
def watch(session: Session, backup_id: UUID) -> str | Response:
    """How far it is; once it is over, the whole screen takes its place."""
    view = _found(session, backup_id)
    if view.row.state is BackupState.OPEN:
        return progress(session, view, WatchForm.accept().said.data)
    response: Response = make_response(screen(session, said=_said(view)), retarget="#screen")
    return response


@blueprint.delete("/<uuid:backup_id>/progress")
@require("admin", "admin")
def stop(session: Session, backup_id: UUID) -> str:
    cancel_backup(session.environment.id, _found(session, backup_id).row.id)
    db.session.commit()
    backup_jobs.let_runs_go_on(session.environment.id)
    return screen(session, said=_("De back-up is gestopt; er is niets van bewaard."))


@blueprint.delete("/<uuid:backup_id>")
@require("admin", "admin")
def delete(session: Session, backup_id: UUID) -> Answer:
    deleted = delete_backup(session.environment.id, _found(session, backup_id).row.id)
    db.session.commit()
    if not deleted:
        said = _("Deze back-up is nu niet te wissen: die is nog in gebruik.")
        return screen(session, said=said), HTTPStatus.CONFLICT
    return screen(session, said=_("De back-up is gewist."))


@blueprint.post("/without")
@require("admin", "admin")
def go_on_without(session: Session) -> str:
    """Let runs write without a first backup."""
    waive_first(session.environment.id)
    db.session.commit()
    backup_jobs.let_runs_go_on(session.environment.id)
    return screen(session, said=_("Synchronisaties gaan door zonder back-up."))


@blueprint.post("/settings")
@require("admin", "admin")
def save(session: Session) -> Answer:
    form = BackupSettingsForm()
    if not form.validate():
        return screen(session, settings=form), HTTPStatus.UNPROCESSABLE_ENTITY
    choose(session.environment.id, nightly=form.nightly.data, keep_days=form.days)
    db.session.commit()
    return screen(session, said=_("Opgeslagen."))


@blueprint.post("/<uuid:backup_id>/link")
@require("admin", "admin")
def link(session: Session, backup_id: UUID) -> Response:
    """A link for this browser, at once followed by static/widget/downloads.js."""
    token = make_link(session.environment.id, backup_id, session.actor, session.lang)
    if token is None:
        abort(HTTPStatus.NOT_FOUND)
    db.session.commit()
    address = url_for("backup_file.send", token=token)
    response: Response = make_response(
        "", HTTPStatus.NO_CONTENT, trigger={"file-ready": {"address": address}}
    )
    return response


@blueprint.get("/<uuid:backup_id>/refusals")
@require("admin", "admin")
def refusals(session: Session, backup_id: UUID) -> str:
    number = PageForm.accept().number
    return refusals_screen(session, _found(session, backup_id), number)


def _found(session: Session, backup_id: UUID) -> BackupView:
    view = find_backup(session.environment, backup_id)
    if view is None:
        abort(HTTPStatus.NOT_FOUND)
    return view


def _said(view: BackupView) -> str:
    if view.row.state is BackupState.COMPLETE:
        return _("De back-up is klaar.")
    return _("De back-up is niet gemaakt.")
