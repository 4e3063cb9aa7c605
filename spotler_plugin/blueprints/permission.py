"""What the settings screen says of permissions: whether who signed off may be switched on again."""

from __future__ import annotations

from flask import Blueprint, render_template
from structlog import get_logger

from spotler_plugin.embedding import Session, messages, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.connection import AgainForm
from spotler_plugin.services.consent.setting import choose_again
from spotler_plugin.translation import gettext as _

blueprint = Blueprint("permission", __name__, url_prefix="/admin/permissions")

log = get_logger()


@blueprint.post("/again")
@require("admin", "admin")
def save_again(session: Session) -> str:
    form = AgainForm.accept()
    choose_again(session.environment.id, allowed=form.allowed.data)
    db.session.commit()
    log.info(
        "consent.again_chosen",
        environment=session.environment.id,
        allowed=form.allowed.data,
        user=session.actor.id,
    )
    messages.toast(_("Opgeslagen."))
    return render_template("connection/_again.html", environment=session.environment, again=form)
