"""How the list of runs looks, and what their contacts are called."""

from __future__ import annotations

from flask import render_template

from spotler_plugin.embedding import Session
from spotler_plugin.forms.run import RunsForm
from spotler_plugin.services.contact.names import names_of
from spotler_plugin.services.pagination import Page
from spotler_plugin.services.run.items import ItemView
from spotler_plugin.services.run.people import about_of
from spotler_plugin.services.run.report import Report


def list_screen(session: Session, page: Page[Report], form: RunsForm) -> str:
    about = about_of(session.environment.id, page.rows)
    contacts = [each.contact_id for each in about.values() if each.contact_id]
    return render_template(
        "run/_list.html",
        page=page,
        form=form,
        about=about,
        names=names_of(session.environment, contacts),
    )


def names_in(session: Session, report: Report, page: Page[ItemView]) -> dict[str, str]:
    """What the contacts of a run are called; while it is under way the CRM is not asked again and
    again."""
    contacts = [each.contact_id for each in page.rows]
    return names_of(session.environment, contacts, asks_crm=report.is_over)
