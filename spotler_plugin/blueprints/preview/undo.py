"""What the preview of an undo shows besides: how far it goes, and what stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template

from spotler_plugin.blueprints.run.changes import Labels, labels_of, not_back
from spotler_plugin.embedding import Session
from spotler_plugin.forms.run import UndoForm
from spotler_plugin.models import Outcome, Preview, PreviewItem, PreviewState
from spotler_plugin.planning.detail import NOTHING
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.services.pagination import Page
from spotler_plugin.services.preview.behind import left_out_for
from spotler_plugin.services.run.report import Report, find_report
from spotler_plugin.services.run.undo import Undoable, find_undoable
from spotler_plugin.wording.text import Text


@dataclass(frozen=True, slots=True)
class ShownUndo:
    """An undo, in the screen's words."""

    report: Report
    """The run that would be taken back."""
    part: Undoable | None
    form: UndoForm
    undo: Undo
    item: int | None
    restored_at: datetime | None
    """When the database was put back from a copy, if that was after this run."""
    unsure: int
    """Contacts of it that may have been written after the copy was made, without our knowing."""


def shown_undo(session: Session, row: Preview) -> ShownUndo | None:
    """Return what the screen shows of an undo; None for another preview, or its rest."""
    undo = row.undo
    report = find_report(session.environment.id, row.undoes_id) if row.undoes_id else None
    if undo is None or report is None or row.resumes_id is not None:
        return None
    part = find_undoable(session.environment, report.id, contact_id=undo.contact_id)
    item = part.item_id if part is not None else None
    chosen = {"overrides": undo.overrides, "mapping": undo.mapping}
    restored_at = session.environment.restored_at
    if restored_at is not None and restored_at < report.created_at:
        restored_at = None
    return ShownUndo(
        report=report,
        part=part,
        form=UndoForm(formdata=None, data=chosen),
        undo=undo,
        item=item,
        restored_at=restored_at,
        unsure=report.counts.get(Outcome.CANCELLED, 0) if restored_at else 0,
    )


def left_alone(session: Session, row: Preview, place: object, number: int = 1) -> str:
    """A page of whom something is left alone, and what."""
    known = left_variables(session, row, number)
    return render_template("preview/_left_alone.html", place=place, **known)


def left_variables(session: Session, row: Preview, number: int = 1) -> dict[str, Any]:
    """What that template knows; nobody while it is being worked out."""
    page: Page[PreviewItem] = Page([], 1, 0)
    if row.state is PreviewState.READY and row.undo is not None:
        page = left_out_for(row, Reason.CHANGED_SINCE, number)
    labels = labels_of(session.environment.id) if page.rows else None
    crm_name = session.environment.name
    return {
        "preview": row,
        "left": page,
        "left_people": [(each, _points(each, labels, crm_name)) for each in page.rows],
    }


def _points(item: PreviewItem, labels: Labels | None, crm_name: str) -> list[Text]:
    return not_back(item.detail or NOTHING, labels, crm_name) if labels is not None else []
