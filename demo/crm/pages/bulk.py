"""The bulk mutation: tick contacts, then the plugin's widget."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from demo.crm.crm import crm
from demo.crm.pages.desk import current_user, needs
from demo.crm.pages.presentation import PAGE_SIZE, Paging
from demo.crm.selections import Selection

blueprint = Blueprint("bulk", __name__, url_prefix="/bulk")


@blueprint.post("")
@needs("edit")
def select() -> ResponseReturnValue:
    """Store what was ticked, or everything that the search found."""
    every = request.form.get("scope") == "all"
    ids = crm().contacts.ids(request.form.get("q", "")) if every else request.form.getlist("id")
    if not ids:
        flash("Vink eerst een of meer contactpersonen aan.", "error")
        return redirect(url_for("contacts.index", q=request.form.get("q", "")))
    selection = crm().selections.add(ids, current_user().id)
    return redirect(url_for("bulk.review", selection_id=selection.id))


@blueprint.get("/<selection_id>")
@needs("edit")
def review(selection_id: str) -> ResponseReturnValue:
    """Step 1: the ticked contacts."""
    selection = get_selection(selection_id)
    paging = Paging.of(request.args.get("page", 1, int), selection.total)
    ids = crm().selections.ids(selection.id, paging.offset, PAGE_SIZE)
    contacts = crm().contacts.find_many(ids)
    return render_template(
        "bulk/review.html", selection=selection, contacts=contacts, paging=paging
    )


@blueprint.get("/<selection_id>/settings")
@needs("edit")
def settings(selection_id: str) -> ResponseReturnValue:
    """Step 2: the plugin's widget."""
    return render_template("bulk/settings.html", selection=get_selection(selection_id))


def get_selection(selection_id: str) -> Selection:
    """Return the user's own selection; those of others answer 404."""
    selection = crm().selections.find(selection_id)
    if selection is None or selection.owner != current_user().id:
        abort(404, "Deze selectie bestaat niet (meer).")
    return selection
