"""Gegevens wissen, on the modal of a contact: what it does, a typed yes, and how it stands."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, render_template

from spotler_plugin.embedding import Session, messages, require
from spotler_plugin.forms.privacy import ErasureForm
from spotler_plugin.jobs import erasure as erasure_jobs
from spotler_plugin.models import Source
from spotler_plugin.services.erasure.find import find_outlook
from spotler_plugin.services.erasure.request import find_standing, request_erasure
from spotler_plugin.services.link.status import status_of
from spotler_plugin.wording.erasures import erasure_facts, erasure_text, outlook_facts

blueprint = Blueprint("erasure", __name__, url_prefix="/contact-modal/erasure")

Answer = str | tuple[str, HTTPStatus]


@blueprint.get("")
@require("contact-modal", "admin")
def show(session: Session) -> str:
    """How an erasure stands, which asks again by itself; or what one would do."""
    return _shown(session)


@blueprint.post("")
@require("contact-modal", "admin")
def erase(session: Session) -> Answer:
    form = ErasureForm()
    if not form.validate():
        return _ask(session, form), HTTPStatus.UNPROCESSABLE_ENTITY
    environment_id, contact_id = session.environment.id, session.contact_id
    row = request_erasure(environment_id, contact_id, Source.MODAL, session.actor)
    erasure_jobs.start(environment_id, row.id)
    status = status_of(environment_id, contact_id).status
    messages.send("contact.synced", id=contact_id, status=status)
    return _shown(session)


def _shown(session: Session) -> str:
    row = find_standing(session.environment.id, session.contact_id)
    if row is None:
        return _ask(session, ErasureForm(formdata=None))
    crm_name = session.environment.name
    return render_template(
        "erasure/_standing.html",
        erasure=row,
        text=erasure_text(row, crm_name),
        facts=erasure_facts(row, crm_name),
    )


def _ask(session: Session, form: ErasureForm) -> str:
    outlook = find_outlook(session.environment.id, session.contact_id)
    return render_template(
        "erasure/_ask.html",
        facts=outlook_facts(outlook),
        form=form,
        crm_name=session.environment.name,
    )
