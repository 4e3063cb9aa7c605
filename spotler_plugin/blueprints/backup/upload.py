"""A file that somebody has: take it in, say what its columns are, make a backup of it."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, abort, request

from spotler_plugin.blueprints.backup.screen import matching_screen, screen
from spotler_plugin.embedding import Session, require
from spotler_plugin.forms.backup.files import MatchingForm, UploadForm
from spotler_plugin.jobs import backup as backup_jobs
from spotler_plugin.models import BackupState
from spotler_plugin.planning.backup.layout import Layout
from spotler_plugin.services.backup.find import BackupView, find_backup
from spotler_plugin.services.backup.pieces import Unreadable
from spotler_plugin.services.backup.request import account_layout
from spotler_plugin.services.backup.upload import head_of, match, receive
from spotler_plugin.translation import gettext as _

blueprint = Blueprint("backup_upload", __name__, url_prefix="/admin/backups")

LARGEST = 256 * 1024 * 1024
"""Bytes of a file; it is written to disk while it arrives, and not kept in memory."""
MOST_FIELDS = 2000
LARGEST_MATCHING = 1024 * 1024

Answer = str | tuple[str, HTTPStatus]


@blueprint.post("/file")
@require("admin", "admin")
def take(session: Session) -> Answer:
    request.max_content_length = LARGEST
    form = UploadForm()
    file = request.files.get("file")
    if file is None or not file.filename:
        form.file.errors = [_("Kies een bestand.")]
        return screen(session, upload=form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        row = receive(session.environment.id, session.actor, file.filename, file.stream)
    except Unreadable:
        form.file.errors = [
            _("Dit bestand is geen leesbare CSV. Bewaar het in het rekenblad eerst als CSV UTF-8.")
        ]
        return screen(session, upload=form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _matching(session, _found(session, row.id))


@blueprint.get("/<uuid:backup_id>/matching")
@require("admin", "admin")
def show(session: Session, backup_id: UUID) -> Answer:
    return _matching(session, _found(session, backup_id))


@blueprint.post("/<uuid:backup_id>/matching")
@require("admin", "admin")
def save(session: Session, backup_id: UUID) -> Answer:
    request.max_content_length = request.max_form_memory_size = LARGEST_MATCHING
    request.max_form_parts = MOST_FIELDS
    view = _found(session, backup_id)
    layout = account_layout(session.environment.id)
    form = MatchingForm(layout)
    head = head_of(view.row, layout)
    if not form.fits(len(head.headings)):
        return matching_screen(session, view, head, form), HTTPStatus.UNPROCESSABLE_ENTITY
    if not match(view.row, form.keys, layout):
        # Somebody else chose the columns meanwhile.
        abort(HTTPStatus.NOT_FOUND)
    backup_jobs.start(session.environment.id, backup_id)
    return screen(session, said=_("Het bestand wordt ingelezen."))


def _matching(session: Session, view: BackupView) -> str:
    layout: Layout = account_layout(session.environment.id)
    head = head_of(view.row, layout)
    return matching_screen(session, view, head, MatchingForm(layout, head.keys))


def _found(session: Session, backup_id: UUID) -> BackupView:
    """A file of which the columns are not matched yet."""
    view = find_backup(session.environment, backup_id)
    if view is None or view.row.state is not BackupState.UNMATCHED:
        abort(HTTPStatus.NOT_FOUND)
    return view
