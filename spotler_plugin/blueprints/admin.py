"""The admin widget: its page, its navigation, and how the environment stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template

from spotler_plugin.embedding import Session, data_for_script, require
from spotler_plugin.jobs.queue import processes
from spotler_plugin.services.account.vitals import read_vitals
from spotler_plugin.services.calls.crm import read_crm_vitals
from spotler_plugin.services.contact.known import count_known
from spotler_plugin.services.health.checks import check_health
from spotler_plugin.services.health.findings import Check, Live
from spotler_plugin.services.health.overview import Overview, overview
from spotler_plugin.wording.health.checks import summary_text
from spotler_plugin.wording.health.findings import check_text
from spotler_plugin.wording.text import Text

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

TOLD_FOR = timedelta(days=14)
"""How long the overview tells that the database was put back."""


@dataclass(frozen=True, slots=True)
class Health:
    """The checks in the screen's words."""

    summary: Text
    checks: tuple[tuple[Check, Text], ...]
    first: bool
    """Without what Redis knows; that is asked for as soon as the screen stands."""


def page(session: Session) -> str:
    """The widget's document, as the launch answers it."""
    return render_template(
        "admin/page.html",
        session_data=data_for_script(session),
        widget=session.widget,
        **_variables(session),
    )


@blueprint.get("/overview")
@require("admin", "admin")
def show(session: Session) -> str:
    return render_template("admin/_overview.html", **_variables(session))


@blueprint.get("/health")
@require("admin", "admin")
def show_health(session: Session) -> str:
    environment_id = session.environment.id
    live = Live(processes.seen(), read_vitals(environment_id), read_crm_vitals(environment_id))
    return render_template(
        "admin/_health.html", health=_health(session, overview(environment_id), live)
    )


def _variables(session: Session) -> dict[str, Any]:
    standing = overview(session.environment.id)
    return {
        "overview": standing,
        "known": count_known(session.environment.id),
        "restored_at": _restored_at(session),
        "health": _health(session, standing, None),
    }


def _restored_at(session: Session) -> datetime | None:
    """When the database was put back from a copy, as long as somebody may have to look."""
    at = session.environment.restored_at
    return at if at is not None and at > datetime.now(UTC) - TOLD_FOR else None


def _health(session: Session, standing: Overview, live: Live | None) -> Health:
    checks = check_health(session.environment.id, standing, live)
    return Health(
        summary=summary_text(checks),
        checks=tuple((each, check_text(each, session.environment.name)) for each in checks),
        first=live is None,
    )
