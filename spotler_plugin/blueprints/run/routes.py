"""Runs ("Synchronisaties"): the list, one run, its progress; stop, go on, try again, take along."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, make_response, request

from spotler_plugin.blueprints.run.csv import answer
from spotler_plugin.blueprints.run.screen import list_screen, progress, screen
from spotler_plugin.embedding import Session, require
from spotler_plugin.forms.run import ItemsForm, RunsForm
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.models import RunState
from spotler_plugin.services.run.control import cancel_run, resume_run
from spotler_plugin.services.run.items import Filter, every_item
from spotler_plugin.services.run.report import Report, find_report, list_runs
from spotler_plugin.services.run.retry import retry_items
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import ngettext, number

blueprint = Blueprint("run", __name__, url_prefix="/admin/runs")


@blueprint.get("")
@require("admin", "admin")
def index(session: Session) -> str:
    form = RunsForm(request.args)
    if not form.validate():
        abort(HTTPStatus.BAD_REQUEST)
    single = bool(form.single.data)
    page = list_runs(session.environment.id, form.page.data or 1, single=single)
    return list_screen(page, single=single)


@blueprint.get("/<uuid:run_id>")
@require("admin", "admin")
def show(session: Session, run_id: UUID) -> str:
    chosen, page = _chosen()
    return screen(session, _found(session, run_id), chosen, page)


@blueprint.get("/<uuid:run_id>/progress")
@require("admin", "admin")
def watch(session: Session, run_id: UUID) -> str | Response:
    """How far it is; once it waits or is over, the whole screen takes its place."""
    report = _found(session, run_id)
    chosen, page = _chosen()
    if report.state is RunState.OPEN:
        return progress(session, report, chosen)
    response = make_response(screen(session, report, chosen, page, ended=True))
    response.headers["HX-Retarget"] = "#screen"
    return response


@blueprint.delete("/<uuid:run_id>")
@require("admin", "admin")
def stop(session: Session, run_id: UUID) -> str:
    cancel_run(session.environment.id, _found(session, run_id).id)
    run_jobs.stop(run_id)
    return screen(session, _found(session, run_id), said=_("De synchronisatie wordt gestopt."))


@blueprint.post("/<uuid:run_id>/resume")
@require("admin", "admin")
def resume(session: Session, run_id: UUID) -> str:
    resume_run(session.environment.id, _found(session, run_id).id)
    run_jobs.start(run_id)
    return screen(session, _found(session, run_id), said=_("De synchronisatie gaat door."))


@blueprint.post("/<uuid:run_id>/retry")
@require("admin", "admin")
def retry(session: Session, run_id: UUID) -> str:
    form = ItemsForm(request.form)
    if not form.validate():
        abort(HTTPStatus.BAD_REQUEST)
    report = _found(session, run_id)
    opened = retry_items(session.environment.id, report.id, _filter(form))
    run_jobs.start(run_id)
    said = ngettext(
        "%(count)s contactpersoon wordt opnieuw geprobeerd.",
        "%(count)s contactpersonen worden opnieuw geprobeerd.",
        opened,
        count=number(opened),
    )
    nothing = _("Er was niets meer om opnieuw te proberen.")
    return screen(session, _found(session, run_id), said=said if opened else nothing)


@blueprint.get("/<uuid:run_id>/outcomes.csv")
@require("admin", "admin")
def outcomes(session: Session, run_id: UUID) -> Response:
    chosen, _page = _chosen()
    report = _found(session, run_id)
    items = every_item(session.environment.id, report.id, chosen)
    return answer(session, report, items)


def _found(session: Session, run_id: UUID) -> Report:
    report = find_report(session.environment.id, run_id)
    if report is None:
        abort(HTTPStatus.NOT_FOUND)
    return report


def _chosen() -> tuple[Filter, int]:
    form = ItemsForm(request.args)
    if not form.validate():
        abort(HTTPStatus.BAD_REQUEST)
    return _filter(form), form.page.data or 1


def _filter(form: ItemsForm) -> Filter:
    return Filter(
        outcome=form.outcome.data,
        reason=form.reason.data,
        message=form.message.data or "",
        query=form.query.data or "",
        item=form.item.data,
    )
