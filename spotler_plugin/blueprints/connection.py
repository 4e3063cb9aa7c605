"""The settings screen: the tie with Spotler, what was found there, and the base mapping."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, render_template, url_for

from spotler_plugin.blueprints.key import try_key
from spotler_plugin.embedding import Session, messages, require
from spotler_plugin.extensions import db
from spotler_plugin.forms.automation import AutomationForm
from spotler_plugin.forms.connection import AgainForm, ConnectionForm
from spotler_plugin.forms.run import PageForm
from spotler_plugin.jobs.connection import go_on
from spotler_plugin.services.account.client import NotConnected
from spotler_plugin.services.catalogue.automations import listed_automations
from spotler_plugin.services.catalogue.store import Found, count_catalogue
from spotler_plugin.services.connection import credentials, replacement
from spotler_plugin.services.connection.credentials import KeyRefused, SpotlerAway
from spotler_plugin.services.consent.setting import allows_again
from spotler_plugin.services.contact.known import count_known, page_of_others
from spotler_plugin.services.health.overview import overview
from spotler_plugin.translation import gettext as _

blueprint = Blueprint("connection", __name__, url_prefix="/admin/connection")

Answer = str | tuple[str, HTTPStatus]


@blueprint.get("")
@require("admin", "admin")
def show(session: Session) -> str:
    return screen(session)


@blueprint.get("/form")
@require("admin", "admin")
def replace(session: Session) -> str:
    return screen(session, form=ConnectionForm(formdata=None), focus=True)


@blueprint.post("")
@require("admin", "admin")
def save(session: Session) -> Answer:
    tried = try_key(session)
    if tried.is_other:
        return screen(session, focus=True)
    if tried.found is None:
        shown = screen(session, form=tried.form, away=tried.is_away)
        return shown, HTTPStatus.UNPROCESSABLE_ENTITY
    messages.toast(_("Opgeslagen."))
    return screen(session, found=tried.found)


@blueprint.get("/known")
@require("admin", "admin")
def show_known(session: Session) -> str:
    """How many were in Spotler before we came, as far as that is known."""
    known = count_known(session.environment.id)
    return render_template("connection/_known.html", environment=session.environment, known=known)


@blueprint.get("/others")
@require("admin", "admin")
def show_others(session: Session) -> str:
    """Whom Spotler has with another address."""
    page = page_of_others(session.environment.id, PageForm.accept().number)
    return render_template("connection/_others.html", environment=session.environment, page=page)


@blueprint.post("/proof")
@require("admin", "admin")
def prove(session: Session) -> str:
    return _proved_here(session)


@blueprint.post("/account")
@require("admin", "admin")
def keep_contacts(session: Session) -> str:
    """Go on with the other account, as one that has the same contacts."""
    return _replaced(session, keeps_links=True)


@blueprint.post("/account/anew")
@require("admin", "admin")
def begin_anew(session: Session) -> str:
    """Go on with the other account, in which nobody is linked."""
    return _replaced(session, keeps_links=False)


@blueprint.delete("/account")
@require("admin", "admin")
def put_back(session: Session) -> str:
    """Put the key of the known account back, and test it."""
    is_back = replacement.put_back(session.environment)
    db.session.commit()
    return _proved_here(session) if is_back else screen(session)


@blueprint.delete("")
@require("admin", "admin")
def disconnect(session: Session) -> str:
    credentials.disconnect(session.environment)
    db.session.commit()
    messages.toast(_("De verbinding met Spotler is verbroken."))
    return screen(session)


def _replaced(session: Session, *, keeps_links: bool) -> str:
    """The screen after going on with the other account."""
    try:
        found = replacement.go_on(session.environment, keeps_links=keeps_links)
    except KeyRefused:
        return screen(session, refused=True)
    except SpotlerAway:
        return screen(session, away=True)
    db.session.commit()
    if found is None:
        return screen(session)
    go_on(session.environment)
    return screen(session, found=found)


def _proved_here(session: Session) -> str:
    return proved(session, lambda found: screen(session, found=found))


def proved(session: Session, shown: Callable[[Found], str]) -> str:
    """Test the key, and read account and CRM; what is shown then, or here what is wrong."""
    try:
        found = credentials.test(session.environment)
    except (KeyRefused, NotConnected):
        db.session.commit()
        return screen(session)
    except SpotlerAway:
        return screen(session, away=True)
    go_on(session.environment)
    return shown(found)


def screen(
    session: Session,
    *,
    form: ConnectionForm | None = None,
    found: Found | None = None,
    away: bool = False,
    refused: bool = False,
    focus: bool = False,
) -> str:
    """The whole screen: each of its parts changes with the connection."""
    environment = session.environment
    standing = overview(environment.id)
    if form is None and standing.connection is None:
        form = ConnectionForm(formdata=None)
    return render_template(
        "connection/_screen.html",
        environment=environment,
        overview=standing,
        counts=count_catalogue(environment.id),
        known=count_known(environment.id),
        other=replacement.outlook(environment.id),
        automations=listed_automations(environment.id),
        form=form,
        automation_form=AutomationForm(formdata=None),
        again=AgainForm(formdata=None, allowed=allows_again(environment.id)),
        found=found,
        away=away,
        refused=refused,
        said="",
        focus=focus,
        save_to=url_for("connection.save"),
    )
