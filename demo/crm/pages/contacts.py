"""Contacts: the list, and the page of one contact."""

from collections.abc import Sequence

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from demo.crm import plugin
from demo.crm.contact import Contact
from demo.crm.crm import crm
from demo.crm.fields import CONTACT_FIELD, CONTACT_FIELDS, InvalidValue, from_form
from demo.crm.pages.desk import current_user, needs
from demo.crm.pages.presentation import PAGE_SIZE, Paging
from demo.crm.pages.ticks import fresh, owner

blueprint = Blueprint("contacts", __name__, url_prefix="/contacts")
NEW = ("first_name", "infix", "last_name", "email", "job_title")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The list: search, sort, and tick for a bulk mutation."""
    query, sort = request.args.get("q", ""), request.args.get("sort", "")
    paging = Paging.of(request.args.get("page", 1, int), crm().contacts.count(query))
    found = crm().contacts.page(query, sort, PAGE_SIZE, paging.offset)
    page = render_template(
        "contacts/index.html",
        contacts=found,
        q=query,
        sort=sort,
        paging=paging,
        statuses=plugin.statuses(crm().settings, [each.id for each in found]) if found else None,
        ticks=_ticks(query, found) if current_user().may("edit") else None,
    )
    # Whoever stops the bulk mutation comes back here.
    session["list"] = request.full_path.rstrip("?")
    return fresh(page)


@blueprint.get("/new")
@needs("edit")
def new() -> ResponseReturnValue:
    """An empty form."""
    return render_template("contacts/new.html", fields=[CONTACT_FIELD[name] for name in NEW])


@blueprint.post("/new")
@needs("edit")
def add() -> ResponseReturnValue:
    """A new contact."""
    try:
        added = crm().contacts.add(from_form(CONTACT_FIELD, request.form))
    except InvalidValue as error:
        flash(str(error), "error")
        return redirect(url_for("contacts.new"))
    flash(f"{added.name} is toegevoegd.", "success")
    return redirect(url_for("contacts.show", contact_id=added.id))


@blueprint.get("/<contact_id>")
def show(contact_id: str) -> ResponseReturnValue:
    """One contact, with the data blocks on the right."""
    contact = get_contact(contact_id)
    colleagues = crm().contacts.of_relation(contact.relation_id) if contact.relation_id else []
    return render_template(
        "contacts/show.html",
        contact=contact,
        fields=CONTACT_FIELDS,
        colleagues=[each for each in colleagues if each.id != contact.id and not each.locked],
        sales=crm().sales.of_contact(contact.id),
        opt_outs=crm().opt_outs.of_contact(contact.id),
    )


@blueprint.post("/<contact_id>")
@needs("edit")
def change(contact_id: str) -> ResponseReturnValue:
    """Save the fields."""
    contact = get_open_contact(contact_id)
    try:
        crm().contacts.change(
            contact.id, from_form(CONTACT_FIELD, request.form), active="active" in request.form
        )
        flash("Opgeslagen.", "success")
    except InvalidValue as error:
        flash(str(error), "error")
    return redirect(url_for("contacts.show", contact_id=contact.id))


@blueprint.post("/<contact_id>/delete")
@needs("edit")
def delete(contact_id: str) -> ResponseReturnValue:
    """Delete the contact."""
    contact = get_open_contact(contact_id)
    crm().contacts.delete(contact.id)
    flash(f"{contact.name} is verwijderd.", "success")
    return redirect(url_for("contacts.index"))


@blueprint.post("/<contact_id>/erase")
@needs("edit")
def erase(contact_id: str) -> ResponseReturnValue:
    """Delete the contact, who asked for it."""
    contact = get_open_contact(contact_id)
    crm().contacts.erase(contact.id)
    flash(f"De gegevens van {contact.name} zijn gewist.", "success")
    return redirect(url_for("contacts.index"))


@blueprint.post("/<contact_id>/merge")
@needs("edit")
def merge(contact_id: str) -> ResponseReturnValue:
    """Merge another record of the same person into this one."""
    kept = get_open_contact(contact_id)
    merged = get_open_contact(request.form.get("merged_id", ""))
    if kept.id == merged.id:
        abort(400, "Een contactpersoon kan niet met zichzelf worden samengevoegd.")
    crm().contacts.merge(kept.id, merged.id)
    flash(f"{merged.name} is samengevoegd met {kept.name}.", "success")
    return redirect(url_for("contacts.show", contact_id=kept.id))


@blueprint.post("/<contact_id>/lock")
@needs("edit")
def lock(contact_id: str) -> ResponseReturnValue:
    """Let nobody change the data, neither people nor the plugin."""
    contact = get_contact(contact_id)
    crm().contacts.lock(contact.id)
    flash(f"{contact.name} is vergrendeld.", "success")
    return redirect(url_for("contacts.show", contact_id=contact.id))


@blueprint.post("/<contact_id>/unlock")
@needs("edit")
def unlock(contact_id: str) -> ResponseReturnValue:
    """Let the data be changed again."""
    contact = get_contact(contact_id)
    crm().contacts.unlock(contact.id)
    flash(f"{contact.name} is ontgrendeld.", "success")
    return redirect(url_for("contacts.show", contact_id=contact.id))


def get_contact(contact_id: str) -> Contact:
    """Return the contact, or show a page that it does not exist."""
    contact = crm().contacts.find(contact_id)
    if contact is None:
        abort(404, "Deze contactpersoon bestaat niet (meer).")
    return contact


def get_open_contact(contact_id: str) -> Contact:
    """Return a contact whose data may be changed, or show a page that it is locked."""
    contact = get_contact(contact_id)
    if contact.locked:
        abort(409, f"{contact.name} is vergrendeld. Ontgrendel eerst, en probeer het dan opnieuw.")
    return contact


def _ticks(query: str, shown: Sequence[Contact]) -> dict[str, object]:
    """Who is ticked: on this page by id, elsewhere by number."""
    mine = owner()
    here = crm().ticks.among(mine, [contact.id for contact in shown])
    return {
        "here": here,
        "all": crm().ticks.count(mine),
        "found": crm().ticks.count(mine, query),
    }
