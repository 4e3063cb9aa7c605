"""Gebeurtenissen: what the CRM told us and what it led to; again for one that failed."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from spotler_plugin.config import settings
from spotler_plugin.embedding import Session, require
from spotler_plugin.forms.event import EventsForm
from spotler_plugin.jobs import event as event_jobs
from spotler_plugin.models import Environment, EventStanding
from spotler_plugin.services.event import trial
from spotler_plugin.services.event.inbox import find_inbox
from spotler_plugin.services.event.log import EventView, Filter, handle_again, list_events
from spotler_plugin.services.event.trial import Arrival, Trial
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.events import event_text, waiting_text
from spotler_plugin.wording.text import Text
from spotler_plugin.wording.trial import Told, not_begun, trial_told

blueprint = Blueprint("event", __name__, url_prefix="/admin/events")


@dataclass(frozen=True, slots=True)
class Shown:
    """An event in the screen's words."""

    view: EventView
    text: Text
    may_retry: bool


@blueprint.get("")
@require("admin", "admin")
def index(session: Session) -> str:
    return _screen(session, EventsForm.accept())


@blueprint.post("/<int:event_id>/again")
@require("admin", "admin")
def again(session: Session, event_id: int) -> str:
    form = EventsForm.accept()
    if handle_again(session.environment.id, event_id):
        said = _("De gebeurtenis wordt opnieuw verwerkt.")
    else:
        said = _("Er was niets meer om opnieuw te proberen.")
    event_jobs.start(session.environment.id)
    return _screen(session, form, said=said)


@blueprint.post("/test")
@require("admin", "admin")
def begin_test(session: Session) -> str:
    """Wait for the next event, whatever it is, and tell how it arrives."""
    seen = trial.begin(session.environment.id)
    return _test(session, seen, None if seen else not_begun())


@blueprint.get("/test")
@require("admin", "admin")
def test(session: Session) -> ResponseReturnValue:
    """How it stands; nothing while it stands as it did, so that nobody hears it again."""
    seen = trial.find(session.environment.id)
    if seen is not None and seen.arrival is Arrival.WAITING:
        return "", HTTPStatus.NO_CONTENT
    return _test(session, seen)


def _test(session: Session, seen: Trial | None, told: Told | None = None) -> str:
    environment = session.environment
    told = trial_told(seen, environment.name) if seen else told
    return render_template(
        "event/_test.html",
        told=told,
        waits=seen is not None and seen.arrival is Arrival.WAITING,
        address=f"{settings().public_url}/events/{environment.key}",
        crm=environment.name,
    )


def _screen(session: Session, form: EventsForm, *, said: str = "") -> str:
    environment = session.environment
    chosen = Filter(form.query.data or "", form.type.data, form.standing.data)
    page = list_events(environment.id, chosen, form.number)
    return render_template(
        "event/_list.html",
        page=page,
        shown=[_shown(view, environment.name) for view in page.rows],
        form=form,
        params=_params(chosen),
        crm=environment.name,
        address=f"{settings().public_url}/events/{environment.key}",
        said=said,
        behind=_behind(environment),
    )


def _behind(environment: Environment) -> Text | None:
    """Why the CRM's own list of changes could not be read."""
    inbox = find_inbox(environment.id)
    error = inbox.error if inbox is not None else None
    return waiting_text(error, environment.name) if error is not None else None


def _shown(view: EventView, crm_name: str) -> Shown:
    return Shown(view, event_text(view, crm_name), view.standing is EventStanding.FAILED)


def _params(chosen: Filter) -> dict[str, Any]:
    """For a URL."""
    given = {"query": chosen.query, "type": chosen.type, "standing": chosen.standing}
    return {name: value for name, value in given.items() if value}
