"""The proof sheet of one person, for paper: a page in a tab of its own.

Within the CRM's page only that page could be printed. The list opens the tab with a form, whose
token says who asks, and for whom.
"""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from flask import abort, render_template
from structlog import get_logger

from spotler_plugin.blueprints.consent_log.routes import blueprint
from spotler_plugin.embedding import enter_tab
from spotler_plugin.services.catalogue.permissions import every_permission_label
from spotler_plugin.services.consent_log.sheet import make_sheet

log = get_logger()


@blueprint.post("/sheet")
def sheet() -> str:
    """Who makes it, and of whom, is logged."""
    session = enter_tab()
    environment = session.environment
    made = make_sheet(environment.id, session.contact_id)
    if made is None:
        abort(HTTPStatus.NOT_FOUND)
    log.info("consent_log.sheet", actor=session.actor.id, contact=session.contact_id)
    return render_template(
        "consent_log/sheet.html",
        sheet=made,
        labels=every_permission_label(environment.id),
        crm=environment.name,
        maker=session.actor.name,
        made_at=datetime.now(UTC),
    )
