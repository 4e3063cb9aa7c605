"""The bulk mutation: look at who is ticked, fix them as a selection, then the plugin's widget."""

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from demo.crm.crm import crm
from demo.crm.pages.desk import current_user, needs
from demo.crm.pages.presentation import PAGE_SIZE, Paging, number
from demo.crm.pages.ticks import fresh, keep_page, owner
from demo.crm.selections import Selection

blueprint = Blueprint("bulk", __name__, url_prefix="/bulk")
NOBODY = "Vink eerst een of meer contactpersonen aan."


@blueprint.post("/begin")
@needs("edit")
def begin() -> ResponseReturnValue:
    """From the list to step 1; the boxes of the page on the screen come along."""
    keep_page()
    return redirect(url_for("bulk.review"))


@blueprint.get("")
@needs("edit")
def review() -> ResponseReturnValue:
    """Step 1: who is ticked; a box that is cleared here leaves somebody out."""
    mine = owner()
    paging = Paging.of(request.args.get("page", 1, int), crm().ticks.count(mine))
    if not paging.total:
        flash(NOBODY, "error")
        return redirect(url_for("contacts.index"))
    page = render_template(
        "bulk/review.html",
        contacts=crm().ticks.page(mine, PAGE_SIZE, paging.offset),
        locked=crm().ticks.count_locked(mine),
        paging=paging,
        back=session.get("list", url_for("contacts.index")),
    )
    return fresh(page)


@blueprint.post("")
@needs("edit")
def fix() -> ResponseReturnValue:
    """Fix who is ticked, as a selection that changes no more; it is what step 2 is about."""
    keep_page()
    ids = crm().ticks.ids(owner())
    if ids and str(len(ids)) != request.form.get("total"):
        flash("De selectie is intussen gewijzigd. Kijk haar nog eens na.", "error")
        return redirect(url_for("bulk.review"))
    if not ids:
        flash(NOBODY, "error")
        return redirect(url_for("contacts.index"))
    selection = crm().selections.add(ids, current_user().id)
    return redirect(url_for("bulk.settings", selection_id=selection.id))


@blueprint.get("/<selection_id>")
@needs("edit")
def settings(selection_id: str) -> ResponseReturnValue:
    """Step 2: the plugin's widget."""
    return render_template("bulk/settings.html", selection=get_selection(selection_id))


@blueprint.post("/<selection_id>/done")
@needs("edit")
def done(selection_id: str) -> ResponseReturnValue:
    """The widget saved: its contacts are ticked no more, and the list says where to follow them."""
    selection = get_selection(selection_id)
    crm().ticks.settle(owner(), selection.id)
    flash(_started(selection), "success")
    return redirect(url_for("contacts.index"))


def get_selection(selection_id: str) -> Selection:
    """Return the user's own selection; those of others answer 404."""
    selection = crm().selections.find(selection_id)
    if selection is None or selection.owner != current_user().id:
        abort(404, "Deze selectie bestaat niet (meer).")
    return selection


def _started(selection: Selection) -> str:
    """The widget `admin` opens on no run of its own, so the notice says under what to look."""
    people = "contactpersoon" if selection.total == 1 else "contactpersonen"
    started = f"Bulkmutatie gestart voor {number(selection.total)} {people}."
    if not current_user().may("admin"):
        return f"{started} De beheerder ziet het verloop onder Synchronisaties."
    link = Markup('<a href="{}">Systeemvoorkeuren › Spotler</a>').format(
        url_for("preferences.spotler")
    )
    return Markup("{} Volg het verloop in {}, onder Synchronisaties.").format(started, link)
