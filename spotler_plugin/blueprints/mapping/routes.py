"""The mapping's editor: choose, look at examples, and ask what saving or synchronising would do."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, render_template

from spotler_plugin.blueprints.mapping.screen import Said, editor
from spotler_plugin.blueprints.mapping.selects import mapping_form
from spotler_plugin.blueprints.preview.screen import screen
from spotler_plugin.embedding import Session, require
from spotler_plugin.forms.mapping import MappingForm
from spotler_plugin.jobs import preview as preview_jobs
from spotler_plugin.models import RunKind, Whom
from spotler_plugin.planning.proposal import Proposal, changed, merged
from spotler_plugin.services.mapping.editor import sheet
from spotler_plugin.services.mapping.sample import sample
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.request import request_preview

blueprint = Blueprint("mapping", __name__, url_prefix="/admin/mapping")

Answer = str | tuple[str, HTTPStatus]


@blueprint.get("")
@require("admin", "admin")
def show(session: Session) -> str:
    return editor(session)


@blueprint.post("/samples")
@require("admin", "admin")
def samples(session: Session) -> str:
    """Asks the CRM, so it stands in the way of no first paint."""
    return render_template(
        "mapping/_samples.html",
        sheet=sheet(session.environment),
        sample=sample(session.environment),
        crm_name=session.environment.name,
    )


@blueprint.post("")
@require("admin", "admin")
def save(session: Session) -> Answer:
    """Nothing is saved yet: first is shown what would happen."""
    form = MappingForm.sent()
    seen, chosen, now = form.seen.data, form.chosen, saved_mapping(session.environment.id)
    if not changed(seen, chosen):
        return editor(session, said=Said.UNCHANGED)
    if seen != now:
        mine = merged(seen, chosen, now)
        return editor(session, chosen=mine, said=Said.OVERTAKEN), HTTPStatus.CONFLICT
    if not mapping_form(sheet(session.environment, chosen)).validate():
        return editor(session, chosen=chosen), HTTPStatus.UNPROCESSABLE_ENTITY
    return _previewed(session, RunKind.MAPPING, chosen)


@blueprint.post("/synchronisation")
@require("admin", "admin")
def synchronise(session: Session) -> Answer:
    """With the mapping as it stands; what was changed on the screen is not lost over it."""
    form, now = MappingForm.sent(), saved_mapping(session.environment.id)
    if changed(form.seen.data, form.chosen):
        mine = merged(form.seen.data, form.chosen, now)
        return editor(session, chosen=mine, said=Said.UNSAVED), HTTPStatus.UNPROCESSABLE_ENTITY
    return _previewed(session, RunKind.SYNC, now)


def _previewed(session: Session, kind: RunKind, proposal: Proposal) -> str:
    made = request_preview(session.environment, Whom.LINKED, kind, proposal, session.actor)
    preview_jobs.start(session.environment.id, made.id)
    return screen(session, made, first=True)
