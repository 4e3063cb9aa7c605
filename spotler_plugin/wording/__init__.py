"""Words for what the code calls by a name: statuses, reasons, switches. A function per thing."""

from __future__ import annotations

from flask import Flask

from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.link import LinkStatus, Status
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.findings import check_text
from spotler_plugin.wording.health import mark_word, moment_word, summary_text, topic_word
from spotler_plugin.wording.mapping import problem_text, type_word
from spotler_plugin.wording.reasons import Text, failed_text, reason_text
from spotler_plugin.wording.runs import (
    left_out,
    outcome_text,
    outcome_word,
    run_mark,
    run_state,
    run_title,
)
from spotler_plugin.wording.switches import automation_note, permission_note

__all__ = [
    "Text",
    "automation_note",
    "check_text",
    "failed_text",
    "left_out",
    "mark_word",
    "moment_word",
    "outcome_text",
    "outcome_word",
    "permission_note",
    "problem_text",
    "reason_text",
    "run_mark",
    "run_state",
    "run_title",
    "status_text",
    "status_word",
    "summary_text",
    "topic_word",
    "type_word",
]


def init_app(app: Flask) -> None:
    for written in (automation_note, permission_note, problem_text, status_word, type_word):
        app.add_template_filter(written)
    for of_run in (outcome_word, run_mark, run_state, run_title):
        app.add_template_filter(of_run)
    for of_check in (mark_word, moment_word, topic_word):
        app.add_template_filter(of_check)


def status_word(status: str) -> str:
    """The word beside a status's shape and colour."""
    return {
        Status.SYNCED: _("Gesynchroniseerd"),
        Status.NOT_SYNCED: _("Niet gesynchroniseerd"),
        Status.INACTIVE: _("Inactief"),
        Status.PENDING: _("Bezig"),
        Status.ERROR: _("Mislukt"),
    }[Status(status)]


def status_text(standing: LinkStatus, crm_name: str) -> Text:
    """What to say beside the status word; for one that is synced only what needs attention."""
    match standing.status:
        case Status.PENDING:
            return Text(_("Wordt bijgewerkt in Spotler…"))
        case Status.INACTIVE:
            text = reason_text(Reason.INACTIVE, standing.detail, crm_name)
            return Text(text.explanation, remedy=text.remedy)
        case Status.ERROR:
            return failed_text(standing.reason or Reason.UNEXPECTED, standing.detail, crm_name)
        case Status.SYNCED | Status.NOT_SYNCED if standing.reason:
            return reason_text(standing.reason, standing.detail, crm_name)
        case Status.NOT_SYNCED:
            return Text(_("Deze contactpersoon staat nog niet in Spotler."))
        case Status.SYNCED:
            return Text("")
