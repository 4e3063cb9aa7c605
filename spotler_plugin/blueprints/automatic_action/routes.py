"""Automatic actions, in the admin widget and in one of their own: list, add, edit, copy, delete."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, abort, render_template

from spotler_plugin.blueprints.automatic_action.screen import editor, ended, list_screen
from spotler_plugin.embedding import Session, data_for_script, messages, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.automatic_action import AutomaticActionForm
from spotler_plugin.models import AutomaticAction
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.draft import Draft, merged
from spotler_plugin.services.automatic_action import edit
from spotler_plugin.services.automatic_action.choices import (
    Choices,
    adjustment_now,
    choices_of,
    is_of_former_account,
)
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.automatic_action.drafts import meanwhile_points

blueprint = Blueprint("automatic_action", __name__, url_prefix="/automatic-actions")

EITHER = frozenset({"admin", "automatic-action"})
"""The widgets with the editor in them."""
ONE = "/<uuid:automatic_action_id>"

Answer = str | tuple[str, HTTPStatus]


def page(session: Session) -> str:
    """The document of the widget `automatic-action`: the editor of one, or of a new one."""
    action_id = session.resource_id
    screen = _new(session) if action_id is None else _editor(session, found(session, action_id))
    return render_template(
        "automatic_action/page.html",
        session_data=data_for_script(session),
        widget=session.widget,
        screen=screen,
    )


@blueprint.get("")
@require("admin", "admin")
def index(session: Session) -> str:
    return list_screen(session)


@blueprint.get("/new")
@require(EITHER, "admin")
def new(session: Session) -> str:
    return _new(session)


@blueprint.post("")
@require(EITHER, "admin")
def add(session: Session) -> Answer:
    form, choices = _sent(session, Adjustment())
    if not form.validate():
        return editor(session, form, choices), HTTPStatus.UNPROCESSABLE_ENTITY
    action = edit.add_action(session.environment.id, form.draft, session.actor)
    return _saved(session, action)


@blueprint.get(ONE)
@require(EITHER, "admin")
def show(session: Session, automatic_action_id: UUID) -> str:
    return _editor(session, found(session, automatic_action_id))


@blueprint.post(ONE)
@require(EITHER, "admin")
def save(session: Session, automatic_action_id: UUID) -> Answer:
    """Who saves what somebody else changed meanwhile is told first, and loses nothing."""
    action = found(session, automatic_action_id)
    edit.lock_action(action)
    form, choices = _sent(session, action.adjustment)
    if not form.validate():
        return editor(session, form, choices, action), HTTPStatus.UNPROCESSABLE_ENTITY
    seen, now = form.seen.data, edit.draft_of(action)
    if seen is not None and now not in (seen, form.draft):
        return _overtaken(session, action, seen, form.draft), HTTPStatus.CONFLICT
    edit.change_action(action, form.draft, session.actor)
    return _saved(session, action)


@blueprint.get(f"{ONE}/copy")
@require(EITHER, "admin")
def copy(session: Session, automatic_action_id: UUID) -> str:
    """A new one that is filled in alike; nothing is kept until it is saved."""
    action = found(session, automatic_action_id)
    adjustment = adjustment_now(action, session.environment)
    choices = choices_of(session.environment.id, adjustment)
    name = _("Kopie van %(name)s", name=action.name)[:120]
    form = _form(choices).filled(Draft(name, action.description, adjustment))
    return editor(
        session, form, choices, outdated=is_of_former_account(action, session.environment)
    )


@blueprint.post(f"{ONE}/on")
@require(EITHER, "admin")
def switch_on(session: Session, automatic_action_id: UUID) -> str:
    action = found(session, automatic_action_id)
    edit.switch_action(action, True)
    return _switched(session, action, _("%(name)s staat aan.", name=action.name))


@blueprint.post(f"{ONE}/off")
@require(EITHER, "admin")
def switch_off(session: Session, automatic_action_id: UUID) -> str:
    action = found(session, automatic_action_id)
    edit.switch_action(action, False)
    return _switched(session, action, _("%(name)s staat uit.", name=action.name))


@blueprint.delete(ONE)
@require(EITHER, "admin")
def delete(session: Session, automatic_action_id: UUID) -> str:
    action = found(session, automatic_action_id)
    edit.delete_action(action)
    db.session.commit()
    said = _("%(name)s is verwijderd.", name=action.name)
    if session.widget == "admin":
        return list_screen(session, said)
    messages.send("action.closed", id=str(action.id), name=action.name)
    return ended(session, said, action)


def found(session: Session, action_id: UUID | str) -> AutomaticAction:
    """The action, unless the widget was launched on another one."""
    launched_on = session.resource_id if session.widget != "admin" else None
    action = None
    if launched_on is None or launched_on.lower() == str(action_id).lower():
        try:
            action = edit.find_action(session.environment.id, UUID(str(action_id)))
        except ValueError:
            abort(HTTPStatus.NOT_FOUND)
    if action is None:
        abort(HTTPStatus.NOT_FOUND)
    return action


def _new(session: Session) -> str:
    choices = choices_of(session.environment.id, Adjustment())
    return editor(session, _form(choices)(formdata=None), choices)


def _editor(session: Session, action: AutomaticAction, said: str = "") -> str:
    adjustment = adjustment_now(action, session.environment)
    choices = choices_of(session.environment.id, adjustment)
    shown = Draft(action.name, action.description, adjustment)
    form = _form(choices).filled(shown, edit.draft_of(action))
    outdated = is_of_former_account(action, session.environment)
    return editor(session, form, choices, action, outdated=outdated, said=said)


def _overtaken(session: Session, action: AutomaticAction, seen: Draft, mine: Draft) -> str:
    """The editor with what is saved now and somebody's own changes in it."""
    now = edit.draft_of(action)
    both = merged(seen, mine, now)
    choices = choices_of(session.environment.id, both.adjustment)
    form = _form(choices).filled(both, now)
    meanwhile = meanwhile_points(seen, mine, now, choices)
    return editor(session, form, choices, action, meanwhile=meanwhile)


def _switched(session: Session, action: AutomaticAction, said: str) -> str:
    db.session.commit()
    if session.widget == "admin":
        return list_screen(session, said)
    return _editor(session, action, said)


def _saved(session: Session, action: AutomaticAction) -> str:
    db.session.commit()
    messages.send("action.saved", id=str(action.id), name=action.name)
    said = _("%(name)s is opgeslagen.", name=action.name)
    if session.widget == "admin":
        return list_screen(session, said)
    return ended(session, said, action)


def _form(choices: Choices) -> type[AutomaticActionForm]:
    return AutomaticActionForm.over(each.key for each in choices.permissions)


def _sent(session: Session, before: Adjustment) -> tuple[AutomaticActionForm, Choices]:
    choices = choices_of(session.environment.id, before)
    return _form(choices)(), choices
