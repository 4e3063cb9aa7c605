"""The modal's way back: undo a run for this contact, or put a backup back for it.

Seen beforehand, agreed with and told as on the administrator's screens; for administrators only.
"""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort
from flask_htmx import make_response

from spotler_plugin.blueprints.contact_modal.earlier_screen import (
    PLACE,
    form_screen,
    list_screen,
    preview_screen,
    run_screen,
)
from spotler_plugin.blueprints.preview.screen import fragment
from spotler_plugin.blueprints.preview.undo import left_alone
from spotler_plugin.embedding import Session, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.backup.restore import OneContactForm
from spotler_plugin.forms.preview import ConfirmForm
from spotler_plugin.forms.run import PageForm, UndoForm
from spotler_plugin.jobs import preview as preview_jobs
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import Preview, PreviewState
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.services.preview.approve import (
    Braked,
    MappingChanged,
    NotReady,
    Stale,
    confirm_preview,
)
from spotler_plugin.services.preview.request import cancel_preview, find_preview, renew_preview
from spotler_plugin.services.preview.restore import find_restorable, legend_for, request_restore
from spotler_plugin.services.preview.undo import request_undo
from spotler_plugin.services.run.whom import one_of
from spotler_plugin.translation import gettext as _

blueprint = Blueprint("contact_earlier", __name__, url_prefix="/contact-modal/earlier")

Answer = str | tuple[str, HTTPStatus]


@blueprint.get("")
@require("contact-modal", "admin")
def index(session: Session) -> str:
    """The runs and backups that there are for this contact."""
    return list_screen(session)


@blueprint.get("/form")
@require("contact-modal", "admin")
def leave(session: Session) -> str:
    """The contact itself again."""
    return form_screen(session)


@blueprint.post("/runs/<uuid:run_id>")
@require("contact-modal", "admin")
def undo(session: Session, run_id: UUID) -> Answer:
    """What taking the run back would do for this contact; nothing is changed yet."""
    made = request_undo(
        session.environment,
        run_id,
        session.actor,
        contact_id=session.contact_id,
        overrides=UndoForm.accept().overrides.data,
    )
    return _asked(session, made)


@blueprint.post("/backups/<uuid:backup_id>")
@require("contact-modal", "admin")
def restore(session: Session, backup_id: UUID) -> Answer:
    """What putting the backup back would do for this contact; nothing is changed yet."""
    backup = find_restorable(session.environment, backup_id)
    if backup is None:
        return _asked(session, None)
    order = Restore(
        tuple(each.name for each in legend_for(backup).columns),
        switches=OneContactForm.accept().switches.data,
        contact_id=session.contact_id,
    )
    return _asked(session, request_restore(session.environment, backup, order, session.actor))


@blueprint.get("/previews/<uuid:preview_id>")
@require("contact-modal", "admin")
def watch(session: Session, preview_id: UUID) -> str | Response:
    """Its run, once it was agreed with."""
    row = _found(session, preview_id)
    if row.state is not PreviewState.CONFIRMED or row.run_id is None:
        return fragment(session, row, PLACE)
    response: Response = make_response(run_screen(session, row.run_id), retarget="#contact")
    return response


@blueprint.get("/previews/<uuid:preview_id>/left-alone")
@require("contact-modal", "admin")
def show_left(session: Session, preview_id: UUID) -> str:
    row = _found(session, preview_id)
    return left_alone(session, row, PLACE, PageForm.accept().number)


@blueprint.get("/previews/<uuid:preview_id>/list")
@require("contact-modal", "admin")
def back(session: Session, preview_id: UUID) -> str:
    """To where it was chosen."""
    return list_screen(session)


@blueprint.delete("/previews/<uuid:preview_id>")
@require("contact-modal", "admin")
def stop(session: Session, preview_id: UUID) -> str:
    cancel_preview(session.environment.id, _found(session, preview_id).id)
    db.session.commit()
    return list_screen(session)


@blueprint.post("/previews/<uuid:preview_id>")
@require("contact-modal", "admin")
def confirm(session: Session, preview_id: UUID) -> Answer:
    form, row = ConfirmForm(), _found(session, preview_id)
    try:
        run_id = confirm_preview(session.environment, row.id, session.actor, form.number.data)
    except Braked:
        form.refuse()
        return preview_screen(session, row, form), HTTPStatus.UNPROCESSABLE_ENTITY
    except Stale:
        made = renew_preview(session.environment, row, session.actor)
        preview_jobs.start(session.environment.id, made.id)
        return preview_screen(session, made, first=True), HTTPStatus.CONFLICT
    except (MappingChanged, NotReady):
        return list_screen(session, said=_("Er is niets teruggezet.")), HTTPStatus.CONFLICT
    if run_id is None:
        abort(HTTPStatus.NOT_FOUND)
    run_jobs.start(run_id)
    return run_screen(session, run_id, first=True)


@blueprint.get("/runs/<uuid:run_id>")
@require("contact-modal", "admin")
def follow(session: Session, run_id: UUID) -> str:
    """How far it is, or what became of it."""
    return run_screen(session, run_id)


def _asked(session: Session, made: Preview | None) -> Answer:
    if made is None:
        said = _("Hiervan is niets ongedaan te maken.")
        return list_screen(session, said=said), HTTPStatus.CONFLICT
    preview_jobs.start(session.environment.id, made.id)
    return preview_screen(session, made, first=True)


def _found(session: Session, preview_id: UUID) -> Preview:
    """A preview of this contact alone."""
    row = find_preview(session.environment.id, preview_id)
    if row is None or one_of(row.undo, row.restore) != session.contact_id:
        abort(HTTPStatus.NOT_FOUND)
    return row
