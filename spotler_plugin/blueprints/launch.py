"""Where the CRM puts a widget into its page: launch token in, widget and session out."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, g, jsonify
from flask.typing import ResponseReturnValue

from spotler_plugin.blueprints import admin, data_block
from spotler_plugin.blueprints.automatic_action import routes as automatic_action
from spotler_plugin.blueprints.bulk_step import routes as bulk_step
from spotler_plugin.blueprints.contact_modal.routes import page
from spotler_plugin.embedding import (
    LIFE_SECONDS,
    LaunchRefused,
    Session,
    enter,
    lang_of,
    read,
    seal,
    unverified_claims,
    verify,
)
from spotler_plugin.extensions import db
from spotler_plugin.forms.launch import LaunchForm

blueprint = Blueprint("launch", __name__)

WIDGETS: dict[str, Callable[[Session], str]] = {
    "admin": admin.page,
    "automatic-action": automatic_action.page,
    "bulk-step": bulk_step.page,
    "contact-modal": page,
    "data-block": data_block.page,
}
"""The page of each widget."""


@blueprint.post("/launch")
def launch() -> str:
    """Answer the widget. Nothing is changed but that the token is used up."""
    token = LaunchForm().given
    said = unverified_claims(token)
    g.lang, g.permission = lang_of(said), said.get("permission")
    session = verify(token, said)
    db.session.commit()
    return WIDGETS[session.widget](enter(session))


@blueprint.post("/session")
def renew() -> ResponseReturnValue:
    """A new session for an old one, against a new launch token for the same thing."""
    old = read(even_expired=True)
    token = LaunchForm().given
    new = verify(token, unverified_claims(token))
    if not old.same_but_newer(new):
        raise LaunchRefused("the session is of something else")
    db.session.commit()
    return jsonify(session=seal(new), expires_in=LIFE_SECONDS)
