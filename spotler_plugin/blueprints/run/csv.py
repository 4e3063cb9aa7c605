"""The outcomes of a run as a file for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from flask import Response, stream_with_context

from spotler_plugin.blueprints.run.changes import Labels, Step, labels_of, steps
from spotler_plugin.embedding import Session
from spotler_plugin.services.run.items import ItemView
from spotler_plugin.services.run.report import Report
from spotler_plugin.translation import exact_time
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.runs import left_out, outcome_text, outcome_word

MARK = "\ufeff"
"""By this Excel knows that it is UTF-8."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so would be carried out; an apostrophe makes it a text."""
AT_ONCE = 500


def answer(session: Session, report: Report, items: Iterable[ItemView]) -> Response:
    """Sent while it is read: a hundred thousand contacts take no memory."""
    response = Response(
        stream_with_context(_text(session, items)), mimetype="text/csv; charset=utf-8"
    )
    name = f"synchronisatie-{report.created_at:%Y%m%d-%H%M}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _text(session: Session, items: Iterable[ItemView]) -> Iterator[str]:
    labels = labels_of(session.environment.id)
    buffer = StringIO()
    # The semicolon is what a Dutch Excel expects.
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write(MARK)
    writer.writerow(_head())
    for number, item in enumerate(items, start=1):
        writer.writerow([_safe(cell) for cell in _row(session.environment.name, item, labels)])
        if number % AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


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
        item.contact_id,
        item.name or "",
        item.address or "",
        outcome_word(item.outcome),
        " ".join(map(str, why + left_out(item.detail, crm_name))),
        "; ".join(_change(step) for step in steps(item, labels)),
        exact_time(item.settled_at) if item.settled_at else "",
    )


def _change(step: Step) -> str:
    empty = _("leeg")
    return f"{step.label}: {step.before or empty} → {step.after or empty}"


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
