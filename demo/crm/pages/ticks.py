"""The boxes in the list of contacts: kept on the server, so that paging and searching keep them."""

import secrets

from flask import Blueprint, Response, jsonify, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from demo.crm.crm import crm
from demo.crm.pages.desk import current_user, needs

blueprint = Blueprint("ticks", __name__, url_prefix="/ticks")


@blueprint.post("")
@needs("edit")
def keep() -> ResponseReturnValue:
    """Store the boxes of the page that was shown."""
    keep_page()
    return _answer()


@blueprint.post("/all")
@needs("edit")
def add_all() -> ResponseReturnValue:
    """Tick everything that the search found."""
    crm().ticks.add_found(owner(), request.form.get("q", ""))
    return _answer()


@blueprint.post("/clear")
@needs("edit")
def clear() -> ResponseReturnValue:
    """Take all ticks away."""
    crm().ticks.clear(owner())
    return _answer()


def owner() -> str:
    """Whose ticks they are: this user's, in this browser."""
    if "desk" not in session:
        session["desk"] = secrets.token_hex(8)
    return f"{session['desk']} {current_user().id}"


def keep_page() -> None:
    """Store the boxes that came along with a form; one without a list changes nothing."""
    shown = request.form.get("shown", "").split()
    crm().ticks.keep(owner(), shown, request.form.getlist("id"))


def fresh(page: str) -> Response:
    """Answer a page with boxes: a browser that goes back shows them as they are then."""
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _answer() -> ResponseReturnValue:
    """The counts for the page's script; without script the list is shown again."""
    query = request.form.get("q", "")
    if request.accept_mimetypes.best != "application/json":
        return redirect(url_for("contacts.index", q=query or None))
    mine = owner()
    return jsonify(ticked=crm().ticks.count(mine), found=crm().ticks.count(mine, query))
