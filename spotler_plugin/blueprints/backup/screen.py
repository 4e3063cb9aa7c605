"""How backups look: the list, one that is being made, and a file whose columns are matched."""

from __future__ import annotations

from typing import Any

from flask import render_template

from spotler_plugin.embedding import Session
from spotler_plugin.forms.backup.files import BackupSettingsForm, MatchingForm, UploadForm
from spotler_plugin.models import BackupState
from spotler_plugin.services.account.client import is_connected
from spotler_plugin.services.backup.find import (
    BackupView,
    find_open,
    list_backups,
    list_refusals,
)
from spotler_plugin.services.backup.request import First, first_standing
from spotler_plugin.services.backup.retention import chosen_settings
from spotler_plugin.services.backup.upload import Head
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.backups import backup_reason
from spotler_plugin.wording.runs import told_left

MOST_UNKNOWN = 10
"""Columns that are named above the others."""


def screen(
    session: Session,
    number: int = 1,
    *,
    said: str = "",
    settings: BackupSettingsForm | None = None,
    upload: UploadForm | None = None,
) -> str:
    owner = session.environment
    page = list_backups(owner, number)
    under_way = find_open(owner)
    return render_template(
        "backup/_list.html",
        page=page,
        others=[view for view in page.rows if not under_way or view.row.id != under_way.row.id],
        **_progress(session, under_way),
        reasons={view.row.id: _reason(session, view) for view in page.rows},
        missing=first_standing(owner.id) is First.MISSING,
        connected=is_connected(owner.id),
        settings=settings or _settings_form(owner.id),
        upload=upload or UploadForm(formdata=None),
        said=said,
    )


def progress(session: Session, view: BackupView, told: int | None) -> str:
    """The part that changes while one is being made; `told` is the time left that it said."""
    return render_template("backup/_progress.html", **_progress(session, view, told))


def matching_screen(session: Session, view: BackupView, head: Head, form: MatchingForm) -> str:
    unknown = [
        (heading or _("Zonder kop"), f"select-{number}")
        for number, (heading, key) in enumerate(zip(head.headings, head.keys, strict=True), start=1)
        if not key
    ]
    shown = {"view": view, "head": head, "form": form, "unknown": unknown[:MOST_UNKNOWN]}
    return render_template("backup/_matching.html", **shown)


def refusals_screen(session: Session, view: BackupView, number: int) -> str:
    page = list_refusals(session.environment, view, number)
    return render_template("backup/_refusals.html", view=view, page=page)


def _progress(session: Session, view: BackupView | None, told: int | None = None) -> dict[str, Any]:
    return {
        "under_way": view,
        "reason": _reason(session, view),
        "seconds_left": told_left(view.seconds_left if view else None, told),
        "told": told,
    }


def _settings_form(environment_id: int) -> BackupSettingsForm:
    nightly, keep_days = chosen_settings(environment_id)
    data = {"nightly": nightly, "keep_days": keep_days}
    return BackupSettingsForm(formdata=None, data=data)


def _reason(session: Session, view: BackupView | None) -> Any:
    """Why it waits, or failed."""
    if view is None or view.row.reason is None:
        return None
    is_open = view.row.state is BackupState.OPEN
    return backup_reason(view.row.reason, session.environment.name, goes_on=is_open)
