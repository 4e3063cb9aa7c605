"""Privacy: how long things are kept, and whose data were erased."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, render_template

from spotler_plugin.embedding import Session, messages, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.privacy import PeriodsForm
from spotler_plugin.forms.run import PageForm
from spotler_plugin.services.backup.retention import chosen_settings
from spotler_plugin.services.erasure.find import list_erasures
from spotler_plugin.services.erasure.request import lift_erasure
from spotler_plugin.services.retention.periods import (
    DEFAULTS,
    Periods,
    choose_periods,
    chosen_periods,
    find_retention,
)
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.erasures import erasure_facts, erasure_mark, erasure_text

blueprint = Blueprint("privacy", __name__, url_prefix="/admin/privacy")

Answer = str | tuple[str, HTTPStatus]


@blueprint.get("")
@require("admin", "admin")
def index(session: Session) -> str:
    return _screen(session, PageForm.accept().number)


@blueprint.post("/periods")
@require("admin", "admin")
def save(session: Session) -> Answer:
    form = PeriodsForm()
    if not form.validate():
        return _screen(session, form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    chosen = {name: getattr(form, name).data for name in asdict(DEFAULTS)}
    choose_periods(session.environment.id, Periods(**chosen))
    db.session.commit()
    messages.toast(_("Opgeslagen."))
    return _screen(session)


@blueprint.post("/erasures/<uuid:erasure_id>/lift")
@require("admin", "admin")
def lift(session: Session, erasure_id: UUID) -> str:
    """Let a contact that was erased be linked again."""
    lifted = lift_erasure(session.environment.id, erasure_id, session.actor)
    db.session.commit()
    said = _("Deze contactpersoon kan weer gekoppeld worden.")
    return _screen(session, said=said if lifted else _("Er was niets meer om toe te staan."))


def _screen(
    session: Session, number: int = 1, *, form: PeriodsForm | None = None, said: str = ""
) -> str:
    owner = session.environment
    page = list_erasures(owner.id, number)
    _nightly, backup_days = chosen_settings(owner.id)
    row = find_retention(owner.id)
    kept = asdict(chosen_periods(owner.id))
    return render_template(
        "privacy/_screen.html",
        page=page,
        shown=[
            (each, erasure_text(each, owner.name), erasure_facts(each, owner.name))
            for each in page.rows
        ],
        mark=erasure_mark,
        form=form or PeriodsForm(formdata=None, data=kept),
        backup_days=backup_days,
        enforced_at=row.enforced_at if row else None,
        said=said,
    )
