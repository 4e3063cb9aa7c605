"""The list of automations on the settings screen: entering one by its code, and removing it."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, render_template, request

from spotler_plugin.embedding import Session, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.automation import AutomationForm
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
    form = AutomationForm(request.form)
    if not form.validate():
        return _list(session, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        added = add_automation(session.environment.id, *form.entry)
    except NoTriggerCode:
        form.code.errors = [
            _("Dit is geen trigger code. Die ziet eruit als 8f14e45f-ceea-467a-9575-2b7d1c3c1b2a.")
        ]
        return _list(session, form), HTTPStatus.UNPROCESSABLE_ENTITY
    except AlreadyThere as there:
        form.code.errors = [_("Deze trigger code staat al in de lijst: %(name)s.", name=there)]
        return _list(session, form), HTTPStatus.UNPROCESSABLE_ENTITY
    db.session.commit()
    said = _("%(name)s is toegevoegd.", name=added.label)
    return _list(session, AutomationForm(), said)


@blueprint.delete("/<int:automation_id>")
@require("admin", "admin")
def remove(session: Session, automation_id: int) -> str:
    """Removing what is gone already is no mistake."""
    remove_automation(session.environment.id, automation_id)
    db.session.commit()
    return _list(session, AutomationForm(), _("De automation is verwijderd."))


def _list(session: Session, form: AutomationForm, said: str = "") -> str:
    return render_template(
        "automation/_list.html",
        automations=listed_automations(session.environment.id),
        automation_form=form,
        said=said,
    )
