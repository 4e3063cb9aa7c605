"""How a run looks: by itself, and while it is under way."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import render_template

from spotler_plugin.blueprints.run.changes import Labels, labels_of
from spotler_plugin.blueprints.run.listing import names_in
from spotler_plugin.blueprints.run.shown import shown_cause, shown_item
from spotler_plugin.embedding import Session
from spotler_plugin.forms.run import ItemsForm
from spotler_plugin.models import Outcome, RunState
from spotler_plugin.services.backup.request import First, first_standing
from spotler_plugin.services.mutation import automation_labels, mutable_fields
from spotler_plugin.services.run.items import Filter, causes_of, page_of_items
from spotler_plugin.services.run.people import about_of
from spotler_plugin.services.run.report import Report, pace_of
from spotler_plugin.services.run.turn import postponed_of, waits_of
from spotler_plugin.services.run.undo import Undoable, find_undoable, undos_of
from spotler_plugin.wording.adjustments import field_lines, start_lines, switch_lines
from spotler_plugin.wording.reasons import reason_text
from spotler_plugin.wording.runs import chosen_words, told_left
from spotler_plugin.wording.text import Text


def screen(
    session: Session,
    report: Report,
    chosen: Filter | None = None,
    number: int = 1,
    *,
    said: str = "",
    ended: bool = False,
) -> str:
    """The whole screen; `ended`: it came to its end while somebody looked."""
    chosen = chosen or Filter()
    environment = session.environment
    undoable = find_undoable(environment, report.id) if report.is_over else None
    causes = causes_of(environment.id, report.id)
    return render_template(
        "run/_screen.html",
        environment=environment,
        about=about_of(environment.id, [report])[report.id],
        **_standing(session, report, chosen),
        **_listed(session, report, chosen, number, undoable),
        halted=_halted(session, report),
        asked=_asked(session, report, labels_of(environment.id)),
        causes=[shown_cause(session, each, not report.is_stopping) for each in causes],
        undoable=undoable,
        undos=undos_of(environment.id, report.id),
        said=said,
        ended=ended,
        search=ItemsForm(formdata=None, data=asdict(chosen)),
    )


def progress(
    session: Session, report: Report, chosen: Filter, number: int, told: int | None
) -> str:
    """Its part that changes, as the polling asks for it; `told` is the time left that it said."""
    shown = _standing(session, report, chosen, told) | {"number": number}
    return render_template("run/_progress.html", **shown)


def contacts(session: Session, report: Report, chosen: Filter, number: int) -> str:
    """Its contacts alone: they follow the counters while it is under way."""
    shown = _listed(session, report, chosen, number) | {"alone": True}
    return render_template("run/_rows.html", report=report, params=_params(chosen), **shown)


def _listed(
    session: Session, report: Report, chosen: Filter, number: int, undoable: Undoable | None = None
) -> dict[str, Any]:
    page = page_of_items(session.environment.id, report.id, chosen, number)
    may = labels_of(session.environment.id), not report.is_stopping, undoable is not None
    rows = [shown_item(session, each, *may) for each in page.rows]
    names = names_in(session, report, page)
    filtered = chosen_words(chosen, session.environment.name)
    return {"page": page, "shown": rows, "names": names, "filtered": filtered}


def _standing(
    session: Session, report: Report, chosen: Filter, told: int | None = None
) -> dict[str, Any]:
    environment_id, is_open = session.environment.id, report.state is RunState.OPEN
    pace = pace_of(report, environment_id) if is_open else None
    postponed = postponed_of(environment_id, report.id) if is_open else None
    return {
        "report": report,
        "pace": pace,
        "seconds_left": told_left(pace.seconds_left if pace else None, told),
        "told": told,
        "postponed": postponed,
        "why": postponed and reason_text(postponed.reason, session.environment.name),
        "waits": waits_of(environment_id, report),
        "awaits_backup": is_open and first_standing(environment_id) is First.AWAITED,
        "counters": [
            (outcome, report.counts.get(outcome, 0)) for outcome in _counters(report, chosen)
        ],
        "chosen": chosen,
        "params": _params(chosen),
    }


def _counters(report: Report, chosen: Filter) -> list[Outcome]:
    """Those that occur; what a synchronisation is about stands there in any case."""
    always = (Outcome.UPDATED, Outcome.UNCHANGED, Outcome.BLOCKED, Outcome.FAILED)
    return [
        outcome
        for outcome in Outcome
        if outcome in always or outcome is chosen.outcome or report.counts.get(outcome)
    ]


def _params(chosen: Filter) -> dict[str, Any]:
    """For a URL."""
    return {name: value for name, value in asdict(chosen).items() if value}


def _asked(session: Session, report: Report, labels: Labels) -> list[str]:
    """What a bulk mutation asked for all its contacts."""
    asked, environment_id = report.adjustment, session.environment.id
    if asked is None:
        return []
    return [
        *field_lines(mutable_fields(environment_id), asked),
        *switch_lines(asked, labels.permissions),
        *start_lines(asked, automation_labels(environment_id, asked.automations)),
    ]


def _halted(session: Session, report: Report) -> Text | None:
    if report.halted is None or report.state is not RunState.HALTED:
        return None
    return reason_text(report.halted, session.environment.name)
