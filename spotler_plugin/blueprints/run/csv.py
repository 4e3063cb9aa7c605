"""The outcomes of a run as a file for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import Response

from spotler_plugin.blueprints.csv_file import csv_response, exact
from spotler_plugin.blueprints.run.changes import Labels, Step, labels_of, not_back, steps_of
from spotler_plugin.embedding import Session
from spotler_plugin.services.run.items import ItemView
from spotler_plugin.services.run.people import People
from spotler_plugin.services.run.report import Report
from spotler_plugin.translation import TIME_ZONE, exact_time
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.contact.lag import closed_points
from spotler_plugin.wording.runs import left_out, outcome_text, outcome_word, parted
from spotler_plugin.wording.text import Text


def answer(
    session: Session, report: Report, items: Iterable[ItemView], *, is_part: bool = False
) -> Response:
    """`is_part`: it was chosen which of its contacts are in it."""
    labels, crm_name = labels_of(session.environment.id), session.environment.name
    named = People(session.environment).named(items)
    part = "-selectie" if is_part else ""
    began = report.created_at.astimezone(TIME_ZONE)
    name = f"synchronisatie-{began:%Y%m%d-%H%M}{part}.csv"
    return csv_response(name, _head(), (_row(crm_name, item, labels) for item in named))


def _head() -> list[str]:
    return [
        _("CRM-nummer"),
        _("Naam"),
        _("E-mailadres"),
        _("Uitkomst"),
        _("Reden"),
        _("Wat is veranderd"),
        _("Wanneer"),
    ]


def _row(crm_name: str, item: ItemView, labels: Labels) -> Sequence[str]:
    text = outcome_text(item.outcome, item.reason, item.detail, crm_name)
    why = [text] if text else []
    return (
        exact(item.contact_id),
        item.name or "",
        item.address or "",
        outcome_word(item.outcome),
        " ".join(map(str, why + _points(item, labels, crm_name))),
        "; ".join(_change(step) for step in steps_of(item, labels, crm_name)),
        exact_time(item.settled_at) if item.settled_at else "",
    )


def _points(item: ItemView, labels: Labels, crm_name: str) -> list[Text]:
    detail = item.detail
    told = closed_points(item.closed, crm_name) + left_out(detail, crm_name) + parted(detail)
    return told + not_back(detail, labels, crm_name)


def _change(step: Step) -> str:
    empty = _("leeg")
    return f"{step.label}: {step.before or empty} → {step.after or empty}"
