"""How Verschillen looks: the last report, who differs in what, and one that is under way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template

from spotler_plugin.blueprints.run.changes import Labels, labels_of
from spotler_plugin.embedding import Session
from spotler_plugin.forms.drift import DriftForm, SettingForm
from spotler_plugin.models import OF_LINKED, Drift, DriftKind, DriftState
from spotler_plugin.services.account.client import is_connected
from spotler_plugin.services.drift.difference import PERMISSION, Difference, Side
from spotler_plugin.services.drift.items import (
    DriftView,
    Filter,
    Writer,
    count_synchronisable,
    page_of_drift,
    writers_of,
)
from spotler_plugin.services.drift.report import differing_linked, progress_of, standing_of
from spotler_plugin.services.drift.setting import drift_setting
from spotler_plugin.wording.drift import drift_text, on_word, side_text, special_word
from spotler_plugin.wording.reasons import failed_text, reason_text, refusal_text
from spotler_plugin.wording.runs import run_title, told_left
from spotler_plugin.wording.text import Text


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One value on both sides, in the screen's words; an empty text is empty."""

    label: str
    expected: str
    found: str
    side: str
    wrote: str
    wrote_at: datetime | None
    """None: we never wrote it."""
    by: str
    """The run that wrote it."""
    changed_at: datetime | None
    """When Spotler last changed the contact, where that may be what made it differ."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A contact that differs, in the screen's words."""

    view: DriftView
    text: Text
    blocked: Text | None
    points: list[Text]
    values: list[ShownValue]


def screen(
    session: Session,
    form: DriftForm | None = None,
    *,
    said: str = "",
    setting: SettingForm | None = None,
) -> str:
    """The whole screen; `setting` is the form as somebody left it, with what is wrong."""
    environment = session.environment
    standing = standing_of(environment.id)
    report = _report(session, standing.ready, form) if standing.ready else {}
    chosen = drift_setting(environment.id)
    given = {"nightly": chosen.nightly, "threshold": chosen.threshold}
    return render_template(
        "drift/_screen.html",
        ready=standing.ready,
        latest=standing.latest,
        is_connected=is_connected(environment.id),
        crm=environment.name,
        said=said,
        setting=setting or SettingForm(formdata=None, data=given),
        **_progress(session, standing.latest),
        **report,
    )


def progress(session: Session, row: Drift, told: int | None) -> str:
    """Its part that changes, as the polling asks for it; `told` is the time left that it said."""
    return render_template("drift/_progress.html", latest=row, **_progress(session, row, told))


def _progress(session: Session, row: Drift | None, told: int | None = None) -> dict[str, Any]:
    if row is None:
        return {"progress": None, "trouble": None}
    far = progress_of(row)
    trouble = None
    if row.reason is not None:
        words = failed_text if row.state is DriftState.FAILED else reason_text
        trouble = words(row.reason, session.environment.name)
    left = told_left(far.seconds_left, told)
    return {"progress": far, "seconds_left": left, "told_before": told, "trouble": trouble}


def _report(session: Session, row: Drift, form: DriftForm | None) -> dict[str, Any]:
    form = form or DriftForm(formdata=None)
    environment = session.environment
    chosen = Filter(form.kind.data, form.property.data or "", form.query.data or "")
    page = page_of_drift(environment.id, row.id, chosen, form.number)
    labels = labels_of(environment.id)
    form.offer((name, labels.properties.get(name, name)) for name in _most_first(row.by_property))
    writers = writers_of(environment.id, page.rows)
    return {
        "counters": [
            (kind, number)
            for kind in DriftKind
            if (number := row.counts.get(kind, 0)) or kind is DriftKind.DIFFERENT
        ],
        "differing": differing_linked(row),
        "of_linked": OF_LINKED,
        "is_outdated": row.mapping_version != environment.mapping_version,
        "page": page,
        "shown": [_shown(view, labels, writers, environment.name) for view in page.rows],
        "form": form,
        "chosen": chosen,
        "params": _params(chosen),
        "synchronisable": count_synchronisable(environment.id, row.id, chosen),
    }


def _shown(view: DriftView, labels: Labels, writers: dict[str, Writer], crm: str) -> Shown:
    return Shown(
        view=view,
        text=drift_text(view.kind, crm),
        blocked=_blocked(view, crm),
        points=[refusal_text(each, crm) for each in view.refusals],
        values=[_value(each, view, labels, writers, crm) for each in view.differences],
    )


def _blocked(view: DriftView, crm: str) -> Text | None:
    """Why a synchronisation would leave it as it is."""
    if view.kind is not DriftKind.DIFFERENT or view.reason is None:
        return None
    return reason_text(view.reason, crm)


def _value(
    one: Difference, view: DriftView, labels: Labels, writers: dict[str, Writer], crm: str
) -> ShownValue:
    label, expected, found = labels.changed(one.property, one.expected, one.found)
    if one.property.startswith(PERMISSION):
        bit = one.property.removeprefix(PERMISSION)
        label = labels.permission(int(bit))
        expected, found = on_word(one.expected), on_word(one.found)
    is_ours = view.kind is DriftKind.DIFFERENT
    writer = writers.get(one.run_id or "")
    return ShownValue(
        label=special_word(one.property) or label,
        expected=expected,
        found=found,
        side=side_text(one.side, crm) if is_ours else "",
        wrote=labels.changed(one.property, one.wrote, None)[1],
        wrote_at=datetime.fromisoformat(one.wrote_at) if one.wrote_at else None,
        by=run_title(writer) if writer else "",
        changed_at=view.changed_at if one.side is not Side.CRM and is_ours else None,
    )


def _params(chosen: Filter) -> dict[str, Any]:
    """For a URL."""
    given = {"query": chosen.query, "kind": chosen.kind, "property": chosen.property}
    return {name: value for name, value in given.items() if value}


def _most_first(counts: dict[str, int]) -> list[str]:
    return sorted(counts, key=lambda name: -counts[name])
