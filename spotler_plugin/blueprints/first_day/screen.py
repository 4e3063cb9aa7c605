"""How Aan de slag looks: its steps, and the one that is open."""

from __future__ import annotations

from typing import Any

from flask import Flask, g, render_template

from spotler_plugin.blueprints.mapping.screen import Said, editor_variables
from spotler_plugin.embedding import Session
from spotler_plugin.forms.connection import ConnectionForm, Step
from spotler_plugin.planning.proposal import Proposal
from spotler_plugin.services.catalogue.store import count_catalogue
from spotler_plugin.services.contact.known import count_known
from spotler_plugin.services.first_day import Beginning, account_of, beginning_of
from spotler_plugin.services.health.overview import overview
from spotler_plugin.translation import gettext as _

__all__ = ["Step", "found_people", "init_app", "screen", "variables"]


def init_app(app: Flask) -> None:
    app.add_template_global(_beginning, "beginning")


def screen(session: Session, step: Step, **options: Any) -> str:
    return render_template("first_day/_screen.html", **variables(session, step, **options))


def variables(
    session: Session,
    step: Step,
    *,
    form: ConnectionForm | None = None,
    is_away: bool = False,
    is_new: bool = False,
    chosen: Proposal | None = None,
    said: Said = Said.NOTHING,
) -> dict[str, Any]:
    """What the templates of first_day/ know; `is_new`: the step was reached just now.

    Without a connection there is the first step only.
    """
    environment = session.environment
    if not beginning_of(environment).is_connected:
        step = Step.KEY
    return {
        "environment": environment,
        "step": step,
        "steps": _names(),
        "overview": overview(environment.id),
        "form": form or ConnectionForm(formdata=None),
        "away": is_away,
        "focus": is_new,
        "counts": count_catalogue(environment.id),
        **_people(session),
        "editor": editor_variables(session, chosen, said) if step is Step.MAPPING else {},
    }


def found_people(session: Session, step: Step) -> str:
    """What changes of a step while the account is read."""
    return render_template("first_day/_people.html", step=step, alone=True, **_people(session))


def _names() -> dict[Step, str]:
    return {
        Step.KEY: _("Verbinden"),
        Step.FOUND: _("Gevonden"),
        Step.MAPPING: _("Mapping"),
        Step.LINK: _("Koppelen"),
        Step.DONE: _("Klaar"),
    }


def _people(session: Session) -> dict[str, Any]:
    environment = session.environment
    return {
        "environment": environment,
        "account": account_of(environment.id),
        "known": count_known(environment.id),
    }


def _beginning() -> Beginning:
    """Of the environment whose screen is shown: what its navigation offers."""
    session: Session = g.session
    return beginning_of(session.environment)
