"""Terugzetten: choose which part of a backup, and see what would happen before it does."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, abort

from spotler_plugin.blueprints.preview.screen import screen as preview_screen
from spotler_plugin.blueprints.restore.screen import screen
from spotler_plugin.embedding import Session, require
from spotler_plugin.forms.backup.restore import sent_restore
from spotler_plugin.jobs import preview as preview_jobs
from spotler_plugin.models import Backup
from spotler_plugin.services.preview.restore import (
    find_restorable,
    legend_for,
    request_restore,
)

blueprint = Blueprint("restore", __name__, url_prefix="/admin/backups")

Answer = str | tuple[str, HTTPStatus]


@blueprint.get("/<uuid:backup_id>/restore")
@require("admin", "admin")
def show(session: Session, backup_id: UUID) -> str:
    return screen(session, _found(session, backup_id))


@blueprint.post("/<uuid:backup_id>/restore")
@require("admin", "admin")
def ask(session: Session, backup_id: UUID) -> Answer:
    """What it would do; nothing is changed yet."""
    backup = _found(session, backup_id)
    form = sent_restore(legend_for(backup).columns)
    if not form.validate():
        return screen(session, backup, form), HTTPStatus.UNPROCESSABLE_ENTITY
    made = request_restore(session.environment, backup, form.order, session.actor)
    preview_jobs.start(session.environment.id, made.id)
    return preview_screen(session, made, first=True)


def _found(session: Session, backup_id: UUID) -> Backup:
    row = find_restorable(session.environment, backup_id)
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    return row
