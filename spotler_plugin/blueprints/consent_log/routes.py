"""Toestemmingen: look up who switched which permission, and take that along."""

from __future__ import annotations

from flask import Blueprint, Response
from structlog import get_logger

from spotler_plugin.blueprints.consent_log.csv import answer
from spotler_plugin.blueprints.consent_log.screen import screen
from spotler_plugin.embedding import Session, require
from spotler_plugin.forms.consent_log import ConsentLogForm
from spotler_plugin.services.consent_log.search import Filter, every_act

blueprint = Blueprint("consent_log", __name__, url_prefix="/admin/consent")

log = get_logger()


@blueprint.get("")
@require("admin", "admin")
def index(session: Session) -> str:
    form = ConsentLogForm.accept()
    return screen(session, form, _filter(form))


@blueprint.get("/acts.csv")
@require("admin", "admin")
def acts(session: Session) -> Response:
    """The acts that match as a file. Who takes them along is logged."""
    chosen = _filter(ConsentLogForm.accept())
    is_filtered = chosen != Filter()
    log.info("consent_log.taken_along", actor=session.actor.id, filtered=is_filtered)
    return answer(session, every_act(session.environment.id, chosen), is_filtered=is_filtered)


def _filter(form: ConsentLogForm) -> Filter:
    return Filter(
        query=form.query.data or "",
        contact_id=form.contact_id,
        bit=form.permission.data,
        source=form.source.data,
        since=form.begins,
        before=form.ends,
    )
