"""Runs ("Synchronisaties"): the list, one run, its progress; stop, go on, try again, take along."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort
from flask_htmx import make_response

from spotler_plugin.blueprints.preview.screen import screen as preview_screen
from spotler_plugin.blueprints.run.csv import answer
from spotler_plugin.blueprints.run.listing import list_screen
from spotler_plugin.blueprints.run.screen import contacts, progress, screen
from spotler_plugin.embedding import Session, require
from spotler_plugin.forms.run import ItemsForm, RunsForm, UndoForm
from spotler_plugin.jobs import preview as preview_jobs
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import RunState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backup.request import waive_first
from spotler_plugin.services.preview.rest import request_rest
from spotler_plugin.services.preview.undo import request_undo
from spotler_plugin.services.run.control import cancel_run, hurry_run, resume_run
from spotler_plugin.services.run.items import Filter, every_item
from spotler_plugin.services.run.report import Report, find_report, list_runs
from spotler_plugin.services.run.retry import retry_items
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import ngettext, number

blueprint = Blueprint("run", __name__, url_prefix="/admin/runs")

Answer = str | tuple[str, HTTPStatus]


@blueprint.get("")
@require("admin", "admin")
def index(session: Session) -> str:
    form = RunsForm.accept()
    page = list_runs(
        session.environment.id,
        form.number,
        single=form.single.data,
        only_open=form.only_open.data,
    )
    return list_screen(session, page, form)


@blueprint.get("/<uuid:run_id>")
@require("admin", "admin")
def show(session: Session, run_id: UUID) -> str:
    form = ItemsForm.accept()
    return screen(session, _found(session, run_id), _filter(form), form.number)


@blueprint.get("/<uuid:run_id>/progress")
@require("admin", "admin")
def watch(session: Session, run_id: UUID) -> str | Response:
    """How far it is; once it waits or is over, the whole screen takes its place."""
    report, form = _found(session, run_id), ItemsForm.accept()
    if report.state is RunState.OPEN:
        return progress(session, report, _filter(form), form.number, form.said.data)
    whole = screen(session, report, _filter(form), form.number, ended=True)
    response: Response = make_response(whole, retarget="#screen")
    return response


@blueprint.get("/<uuid:run_id>/contacts")
@require("admin", "admin")
def people(session: Session, run_id: UUID) -> str:
    """Its contacts, as they follow the counters."""
    form = ItemsForm.accept()
    return contacts(session, _found(session, run_id), _filter(form), form.number)


@blueprint.delete("/<uuid:run_id>")
@require("admin", "admin")
def stop(session: Session, run_id: UUID) -> str:
    cancel_run(session.environment.id, _found(session, run_id).id)
    run_jobs.stop(run_id)
    return screen(session, _found(session, run_id), said=_("De synchronisatie wordt gestopt."))


@blueprint.post("/<uuid:run_id>/resume")
@require("admin", "admin")
def resume(session: Session, run_id: UUID) -> str:
    report = _found(session, run_id)
    if report.halted is Reason.BEYOND_AGREED and report.state is RunState.HALTED:
        return _look_again(session, report)
    if report.halted is Reason.NO_BACKUP:
        waive_first(session.environment.id)
    resume_run(session.environment.id, report.id)
    run_jobs.start(run_id)
    return screen(session, _found(session, run_id), said=_("De synchronisatie gaat door."))


@blueprint.post("/<uuid:run_id>/hurry")
@require("admin", "admin")
def hurry(session: Session, run_id: UUID) -> str:
    """What waits for its next try is tried now."""
    hurry_run(session.environment.id, _found(session, run_id).id)
    run_jobs.start(run_id)
    return screen(session, _found(session, run_id), said=_("Het wordt nu opnieuw geprobeerd."))


@blueprint.post("/<uuid:run_id>/retry")
@require("admin", "admin")
def retry(session: Session, run_id: UUID) -> str:
    form, report = ItemsForm.accept(), _found(session, run_id)
    opened = retry_items(session.environment.id, report.id, _filter(form))
    run_jobs.start(run_id)
    return screen(session, _found(session, run_id), said=_opened(opened))


@blueprint.post("/<uuid:run_id>/undo")
@require("admin", "admin")
def undo(session: Session, run_id: UUID) -> Answer:
    """What taking it back would do; nothing is changed yet."""
    form, report = UndoForm.accept(), _found(session, run_id)
    made = request_undo(
        session.environment,
        report.id,
        session.actor,
        item_id=form.item.data,
        overrides=form.overrides.data,
        mapping=form.mapping.data,
    )
    if made is None:
        said = _("Hiervan is niets ongedaan te maken.")
        return screen(session, report, said=said), HTTPStatus.CONFLICT
    preview_jobs.start(session.environment.id, made.id)
    return preview_screen(session, made, first=True)


@blueprint.get("/<uuid:run_id>/outcomes.csv")
@require("admin", "admin")
def outcomes(session: Session, run_id: UUID) -> Response:
    form, report = ItemsForm.accept(), _found(session, run_id)
    chosen = _filter(form)
    items = every_item(session.environment.id, report.id, chosen)
    return answer(session, report, items, is_part=chosen != Filter())


def _look_again(session: Session, report: Report) -> str:
    """What the rest of it would do now; agreed with, it goes on."""
    made = request_rest(session.environment, report.id, session.actor)
    preview_jobs.start(session.environment.id, made.id)
    return preview_screen(session, made, first=True)


def _found(session: Session, run_id: UUID) -> Report:
    report = find_report(session.environment.id, run_id)
    if report is None:
        abort(HTTPStatus.NOT_FOUND)
    return report


def _opened(count: int) -> str:
    """What is said of so many contacts that are tried again."""
    if not count:
        return _("Er was niets meer om opnieuw te proberen.")
    return ngettext(
        "%(count)s contactpersoon wordt opnieuw geprobeerd.",
        "%(count)s contactpersonen worden opnieuw geprobeerd.",
        count,
        count=number(count),
    )


def _filter(form: ItemsForm) -> Filter:
    return Filter(
        outcome=form.outcome.data,
        reason=form.reason.data,
        message=form.message.data or "",
        query=form.query.data or "",
        item=form.item.data,
    )
