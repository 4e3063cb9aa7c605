"""Relations: the list, the page of one relation, and its settings."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from demo.crm.crm import crm
from demo.crm.fields import RELATION_FIELD, InvalidValue, from_form
from demo.crm.pages.desk import needs
from demo.crm.pages.presentation import PAGE_SIZE, Paging
from demo.crm.relations import Relation

blueprint = Blueprint("relations", __name__, url_prefix="/relations")
# Module fields are on the page of a relation and in its settings, in any tab.
TABS = {
    "overview": ("Overzicht", ("name", "number", "city", "documents")),
    "settings": ("Relatie-instellingen", ("revenue", "invoicing_module", "timesheets")),
}


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The list."""
    query = request.args.get("q", "")
    paging = Paging.of(request.args.get("page", 1, int), crm().relations.count(query))
    found = crm().relations.page(query, PAGE_SIZE, paging.offset)
    return render_template("relations/index.html", relations=found, q=query, paging=paging)


@blueprint.get("/<relation_id>", defaults={"tab": "overview"})
@blueprint.get("/<relation_id>/<tab>")
def show(relation_id: str, tab: str) -> ResponseReturnValue:
    """One relation, one tab at a time."""
    if tab not in TABS:
        abort(404, "Dit tabblad bestaat niet.")
    relation = get_relation(relation_id)
    return render_template(
        "relations/show.html",
        relation=relation,
        tab=tab,
        tabs={name: label for name, (label, _) in TABS.items()},
        fields=[RELATION_FIELD[name] for name in TABS[tab][1]],
        contacts=crm().contacts.of_relation(relation.id),
    )


@blueprint.post("/<relation_id>/<tab>")
@needs("edit")
def change(relation_id: str, tab: str) -> ResponseReturnValue:
    """Save the fields of a tab, and the primary contact if the tab shows it."""
    relation = get_relation(relation_id)
    try:
        crm().relations.change(relation.id, from_form(RELATION_FIELD, request.form))
        if primary := request.form.get("primary_contact_id"):
            crm().relations.choose_primary(relation.id, primary)
        flash("Opgeslagen.", "success")
    except InvalidValue as error:
        flash(str(error), "error")
    except KeyError:
        flash("Deze contactpersoon hoort niet bij deze relatie.", "error")
    return redirect(url_for("relations.show", relation_id=relation.id, tab=tab))


def get_relation(relation_id: str) -> Relation:
    """Return the relation, or show a page that it does not exist."""
    relation = crm().relations.find(relation_id)
    if relation is None:
        abort(404, "Deze relatie bestaat niet (meer).")
    return relation
