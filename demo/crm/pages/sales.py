"""Sales: moving one to another phase triggers the actions of that phase."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from demo.crm.crm import crm
from demo.crm.pages.desk import needs
from demo.crm.sales import PHASES

blueprint = Blueprint("sales", __name__, url_prefix="/sales")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """All sales with their phases."""
    sales = crm().sales.newest()
    people = crm().contacts.find_many(list({sale.contact_id for sale in sales}))
    return render_template(
        "sales/index.html",
        sales=sales,
        people={person.id: person for person in people},
        phases=PHASES,
        actions=crm().sales.actions(),
    )


@blueprint.post("/<sale_id>")
@needs("edit")
def move(sale_id: str) -> ResponseReturnValue:
    """Move a sale."""
    phase = request.form.get("phase", "")
    if crm().sales.find(sale_id) is None or phase not in PHASES:
        abort(404, "Deze verkoop of fase bestaat niet.")
    started = crm().sales.move(sale_id, phase)
    text = f"De verkoop staat in de fase {phase}."
    if started:
        text += f" {started} automatische actie{'s' if started > 1 else ''} gestart."
    flash(text, "success")
    return redirect(url_for("sales.index", _anchor=sale_id))


@blueprint.post("")
@needs("edit")
def add() -> ResponseReturnValue:
    """A new sale for a contact."""
    contact = crm().contacts.find(request.form.get("contact_id", ""))
    if contact is None:
        abort(404, "Deze contactpersoon bestaat niet (meer).")
    title = request.form.get("title", "").strip() or f"Verkoop aan {contact.name}"
    crm().sales.add(title, contact.id)
    flash(f"{title} is toegevoegd.", "success")
    return redirect(url_for("contacts.show", contact_id=contact.id))
