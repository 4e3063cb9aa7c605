"""Wat gaat er gebeuren: watch it being worked out, stop it, go back, or agree."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort
from flask_htmx import make_response

from spotler_plugin.blueprints.backup.screen import screen as backup_screen
from spotler_plugin.blueprints.drift.screen import screen as drift_screen
from spotler_plugin.blueprints.first_day.screen import Step
from spotler_plugin.blueprints.first_day.screen import screen as first_day_screen
from spotler_plugin.blueprints.mapping.screen import Said, editor
from spotler_plugin.blueprints.mapping.selects import mapping_form
from spotler_plugin.blueprints.preview.people import people_list
from spotler_plugin.blueprints.preview.screen import ADMIN, fragment, screen
from spotler_plugin.blueprints.preview.undo import left_alone
from spotler_plugin.blueprints.restore.screen import screen as restore_screen
from spotler_plugin.blueprints.run.screen import screen as run_screen
from spotler_plugin.embedding import Session, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.preview import ConfirmForm, PeopleForm
from spotler_plugin.forms.run import PageForm
from spotler_plugin.jobs import preview as preview_jobs
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import Preview, PreviewState, RunKind, Whom
from spotler_plugin.planning.proposal import load, merged
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.services.mapping.editor import sheet
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.approve import (
    Braked,
    MappingChanged,
    NotReady,
    Stale,
    confirm_preview,
)
from spotler_plugin.services.preview.request import (
    cancel_preview,
    find_preview,
    renew_preview,
)
from spotler_plugin.services.preview.restore import find_restorable
from spotler_plugin.services.run.report import find_report
from spotler_plugin.translation import gettext as _

blueprint = Blueprint("preview", __name__, url_prefix="/admin/previews")

Answer = str | tuple[str, HTTPStatus]


@blueprint.get("/<uuid:preview_id>")
@require("admin", "admin")
def watch(session: Session, preview_id: UUID) -> str | Response:
    """Its run, once it was agreed with (perhaps on another screen)."""
    row = _found(session, preview_id)
    if row.state is not PreviewState.CONFIRMED:
        return fragment(session, row)
    response: Response = make_response(_run(session, row), retarget="#screen")
    return response


@blueprint.get("/<uuid:preview_id>/left-alone")
@require("admin", "admin")
def show_left(session: Session, preview_id: UUID) -> str:
    """Whom an undo leaves something alone."""
    form = PageForm.accept()
    return left_alone(session, _found(session, preview_id), ADMIN, form.number)


@blueprint.get("/<uuid:preview_id>/people")
@require("admin", "admin")
def people(session: Session, preview_id: UUID) -> str:
    """By name who is behind a number, or is left out for a reason."""
    row, form = _found(session, preview_id), PeopleForm.accept()
    return people_list(session, row, form, ADMIN)


@blueprint.get("/<uuid:preview_id>/mapping")
@require("admin", "admin")
def back(session: Session, preview_id: UUID) -> str:
    """The editor as it was left, or where it was chosen whom it is about; or the run that is not
    taken back after all."""
    return _editor(session, preview_id)


@blueprint.delete("/<uuid:preview_id>")
@require("admin", "admin")
def stop(session: Session, preview_id: UUID) -> str:
    cancel_preview(session.environment.id, preview_id)
    db.session.commit()
    return _editor(session, preview_id)


@blueprint.post("/<uuid:preview_id>")
@require("admin", "admin")
def confirm(session: Session, preview_id: UUID) -> Answer:
    form = ConfirmForm()
    try:
        run_id = confirm_preview(session.environment, preview_id, session.actor, form.number.data)
    except Braked:
        form.refuse()
        row = _found(session, preview_id)
        return screen(session, row, form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    except Stale:
        return _renewed(session, _found(session, preview_id))
    except MappingChanged:
        return _editor(session, preview_id, Said.OVERTAKEN), HTTPStatus.CONFLICT
    except NotReady:
        return _editor(session, preview_id, Said.FORGOTTEN), HTTPStatus.CONFLICT
    return _started(session, preview_id, run_id)


def _renewed(session: Session, stale: Preview) -> Answer:
    """Worked out anew, for what was agreed with is no longer true; or first chosen again."""
    if stale.kind is RunKind.MAPPING:
        proposal = load(stale.proposal)
        if not mapping_form(sheet(session.environment, proposal)).validate():
            return editor(session, chosen=proposal), HTTPStatus.UNPROCESSABLE_ENTITY
    made = renew_preview(session.environment, stale, session.actor)
    preview_jobs.start(session.environment.id, made.id)
    return screen(session, made, first=True), HTTPStatus.CONFLICT


def _started(session: Session, preview_id: UUID, run_id: UUID | None) -> str:
    """The run, if it was not forgotten since, is committed and enqueued."""
    if run_id is not None:
        run_jobs.start(run_id)
    return _run(session, _found(session, preview_id))


def _run(session: Session, row: Preview) -> str:
    """The run that it became, or the editor if that is forgotten."""
    report = find_report(session.environment.id, row.run_id) if row.run_id else None
    if report is None:
        return editor(session)
    if row.resumes_id is not None:
        return run_screen(session, report, said=_("De synchronisatie gaat door."))
    said = {
        RunKind.MAPPING: _("Opgeslagen. De synchronisatie is gestart."),
        RunKind.UNDO: _("Het wordt ongedaan gemaakt."),
        RunKind.RESTORE: _("De back-up wordt teruggezet."),
        RunKind.LINK: _("Het koppelen is begonnen."),
    }.get(row.kind, _("De synchronisatie is gestart."))
    return run_screen(session, report, said=said)


def _found(session: Session, preview_id: UUID) -> Preview:
    row = find_preview(session.environment.id, preview_id)
    if row is None:
        abort(HTTPStatus.NOT_FOUND)
    return row


def _restore(session: Session, row: Preview, order: Restore, said: Said) -> str:
    """Its form as it was filled in; or the list, where the backup cannot be put back any more."""
    nothing = "" if said is Said.NOTHING else _("Er is niets teruggezet.")
    backup = find_restorable(session.environment, row.restores_id) if row.restores_id else None
    if backup is None or nothing:
        return backup_screen(session, said=nothing)
    return restore_screen(session, backup, order=order)


def _editor(session: Session, preview_id: UUID, said: Said = Said.NOTHING) -> str:
    """What was proposed, on top of what the mapping is now; of an undo or a rest its run, of a
    restore its form."""
    row = find_preview(session.environment.id, preview_id)
    if row is None:
        return editor(session, said=Said.FORGOTTEN)
    if row.restore is not None and row.resumes_id is None:
        return _restore(session, row, row.restore, said)
    of_run = row.resumes_id or row.undoes_id
    report = find_report(session.environment.id, of_run) if of_run else None
    if report is not None:
        nothing = (
            _("Er is niets verzonden.") if row.resumes_id else _("Er is niets ongedaan gemaakt.")
        )
        return run_screen(session, report, said="" if said is Said.NOTHING else nothing)
    if row.kind is RunKind.LINK:
        return first_day_screen(session, Step.LINK)
    if row.whom is Whom.SELECTION:
        return drift_screen(session)
    now = saved_mapping(session.environment.id)
    mine = merged(load(row.base), load(row.proposal), now)
    return editor(session, chosen=mine, said=said)
