"""What an automatic action did, trying that again, and what it would do with one contact."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import abort

from spotler_plugin.blueprints.automatic_action.routes import EITHER, ONE, blueprint, found
from spotler_plugin.blueprints.automatic_action.screen import history, trial
from spotler_plugin.embedding import Session, require
from spotler_plugin.forms.automatic_action import PersonForm, TryForm
from spotler_plugin.forms.run import PageForm
from spotler_plugin.jobs import automatic_action as jobs
from spotler_plugin.jobs import run as run_jobs
from spotler_plugin.services.automatic_action.choices import adjustment_now
from spotler_plugin.services.automatic_action.retry import find_firing, reopen_firing, retry_run
from spotler_plugin.services.automatic_action.try_out import find_people, foresee
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.translation import gettext as _


@blueprint.get(f"{ONE}/firings")
@require(EITHER, "admin")
def firings(session: Session, automatic_action_id: UUID) -> str:
    form = PageForm.accept()
    return history(session, found(session, automatic_action_id), form.number)


@blueprint.post("/firings/<uuid:firing_id>/retry")
@require(EITHER, "admin")
def retry(session: Session, firing_id: UUID) -> str:
    """Carry it out again from where it failed: what was done is not done twice."""
    environment_id = session.environment.id
    firing = find_firing(environment_id, firing_id)
    if firing is None:
        abort(HTTPStatus.NOT_FOUND)
    action = found(session, firing.action_id)
    said = _("Wordt opnieuw geprobeerd.")
    if reopen_firing(environment_id, firing_id):
        jobs.start(environment_id)
    elif run_id := retry_run(environment_id, firing_id):
        run_jobs.start(run_id)
    else:
        said = _("Er was niets meer om opnieuw te proberen.")
    return history(session, action, 1, said)


@blueprint.get(f"{ONE}/try")
@require(EITHER, "admin")
def choose(session: Session, automatic_action_id: UUID) -> str:
    """Look for somebody to try it on."""
    action, form = found(session, automatic_action_id), PersonForm.accept()
    query = form.query.data or ""
    people = find_people(session.environment.id, query) if query else None
    return trial(session, action, form, found=people)


@blueprint.post(f"{ONE}/try")
@require(EITHER, "admin")
def try_out(session: Session, automatic_action_id: UUID) -> str:
    """What it would do; nothing is written. A POST, because the CRM is asked."""
    action = found(session, automatic_action_id)
    contact_id = TryForm.accept().contact_id.data or ""
    if not is_crm_id(contact_id):
        abort(HTTPStatus.BAD_REQUEST)
    foreseen = foresee(session.environment, adjustment_now(action, session.environment), contact_id)
    return trial(session, action, PersonForm(formdata=None), foreseen=foreseen)
