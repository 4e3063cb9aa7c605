"""The admin widget: its page, its navigation, and how the environment stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, render_template, url_for

from spotler_plugin.blueprints.first_day.screen import Step
from spotler_plugin.blueprints.first_day.screen import variables as first_day
from spotler_plugin.embedding import Session, data_for_script, require
from spotler_plugin.jobs.queue import processes
from spotler_plugin.models import DriftKind
from spotler_plugin.services.account.vitals import read_vitals
from spotler_plugin.services.calls.crm import read_crm_vitals
from spotler_plugin.services.contact.known import count_known
from spotler_plugin.services.first_day import beginning_of
from spotler_plugin.services.health.checks import check_health
from spotler_plugin.services.health.findings import TECHNICAL, Check, Finding, Live, Mark, Topic
from spotler_plugin.services.health.overview import Overview, overview
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.health.checks import summary_text
from spotler_plugin.wording.health.findings import check_text
from spotler_plugin.wording.text import Text

blueprint = Blueprint("admin", __name__, url_prefix="/admin")

WAITS = frozenset({Finding.WAITING, Finding.POSTPONED, Finding.STUCK})
TOLD_FOR = timedelta(days=14)
"""How long the overview tells that the database was put back."""


@dataclass(frozen=True, slots=True)
class Way:
    """Where a check leads on."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A check in the screen's words."""

    check: Check
    text: Text
    way: Way | None


@dataclass(frozen=True, slots=True)
class Health:
    """The checks in the screen's words."""

    summary: Text
    checks: tuple[Shown, ...]
    technical: tuple[Shown, ...]
    """For who hosts the plugin."""
    first: bool
    """Without what Redis knows; that is asked for as soon as the screen stands."""


def page(session: Session) -> str:
    """The widget's document, as the launch answers it; without a connection it begins there."""
    is_connected = beginning_of(session.environment).is_connected
    return render_template(
        "admin/page.html",
        session_data=data_for_script(session),
        widget=session.widget,
        begins_with="admin/_overview.html" if is_connected else "first_day/_screen.html",
        **(_variables(session) if is_connected else first_day(session, Step.KEY)),
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
    name = session.environment.name
    shown = [Shown(each, check_text(each, name), way_of(each)) for each in checks]
    return Health(
        summary=summary_text(checks),
        checks=tuple(each for each in shown if each.check.topic not in TECHNICAL),
        technical=tuple(each for each in shown if each.check.topic in TECHNICAL),
        first=live is None,
    )


def way_of(check: Check) -> Way | None:
    """Return the screen that a check speaks of, with its filter set; none where all is well."""
    is_amiss = check.mark in (Mark.ATTENTION, Mark.BROKEN)
    if check.topic is Topic.QUEUE and check.finding in (WAITS | {Finding.HALTED}):
        return Way(_("Bekijk wat er loopt"), url_for("run.index", only_open=1))
    if check.topic is Topic.EVENTS and (is_amiss or check.finding is Finding.WAITING):
        return Way(_("Bekijk de gebeurtenissen"), url_for("event.index"))
    if check.topic is Topic.BACKUP and check.finding is Finding.NOTHING:
        return Way(_("Naar de back-ups"), url_for("backup.index"))
    if check.topic is Topic.DRIFT and check.finding is Finding.NOTHING:
        return Way(_("Naar het vergelijken"), url_for("drift.index"))
    return _amiss(check) if is_amiss else None


def _amiss(check: Check) -> Way | None:
    ways = {
        Topic.CONNECTION: lambda: Way(_("Naar de instellingen"), url_for("connection.show")),
        Topic.FAILURES: lambda: Way(
            _("Bekijk bij wie, en waarom"), url_for("contact_list.index", wrong=1)
        ),
        Topic.CATALOGUE: lambda: Way(_("Naar de mapping"), url_for("mapping.show")),
        Topic.BACKUP: lambda: Way(_("Naar de back-ups"), url_for("backup.index")),
        Topic.DRIFT: lambda: Way(
            _("Bekijk wie en wat"), url_for("drift.index", kind=DriftKind.DIFFERENT)
        ),
    }
    return ways[check.topic]() if check.topic in ways else None
