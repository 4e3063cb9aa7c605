"""The start page: tiles."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from demo.crm.crm import crm

blueprint = Blueprint("start", __name__)


@blueprint.get("/")
def show() -> ResponseReturnValue:
    """Show the tiles."""
    return render_template(
        "start.html",
        contacts=crm().contacts.count(),
        relations=crm().relations.count(),
        sales=len(crm().sales.newest()),
        waiting=crm().outbox.waiting(),
    )
