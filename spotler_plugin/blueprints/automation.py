"""The list of automations on the settings screen: entering one by its code, and removing it."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, render_template

from spotler_plugin.embedding import Session, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.automation import AutomationForm
from spotler_plugin.models import Automation
from spotler_plugin.services.catalogue.automations import (
    AlreadyThere,
    NoTriggerCode,
    add_automation,
    listed_automations,
    remove_automation,
)
from spotler_plugin.translation import gettext as _

blueprint = Blueprint("automation", __name__, url_prefix="/admin/automations")

Answer = str | tuple[str, HTTPStatus]


@blueprint.post("")
@require("admin", "admin")
def add(session: Session) -> Answer:
    form = AutomationForm()
    added = _added(session, form) if form.validate() else None
    if added is None:
        return _list(session, form), HTTPStatus.UNPROCESSABLE_ENTITY
    db.session.commit()
    return _list(session, said=_("%(name)s is toegevoegd.", name=added.label))


@blueprint.delete("/<int(max=2147483647):automation_id>")
@require("admin", "admin")
def remove(session: Session, automation_id: int) -> str:
    """Removing what is gone already is no mistake."""
    remove_automation(session.environment.id, automation_id)
    db.session.commit()
    return _list(session, said=_("De automation is verwijderd."))


def _added(session: Session, form: AutomationForm) -> Automation | None:
    """What was entered, or None; why it was refused stands at its code."""
    try:
        return add_automation(session.environment.id, *form.entry)
    except NoTriggerCode:
        form.code.errors = [
            _("Dit is geen trigger code. Die ziet eruit als 8f14e45f-ceea-467a-9575-2b7d1c3c1b2a.")
        ]
    except AlreadyThere as there:
        form.code.errors = [_("Deze trigger code staat al in de lijst: %(name)s.", name=there)]
    return None


def _list(session: Session, form: AutomationForm | None = None, said: str = "") -> str:
    return render_template(
        "automation/_list.html",
        automations=listed_automations(session.environment.id),
        automation_form=form or AutomationForm(formdata=None),
        said=said,
    )
