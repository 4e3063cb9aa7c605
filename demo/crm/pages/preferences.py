"""System preferences (Systeemvoorkeuren): the admin widgets, and actions attached to phases."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from demo.crm import plugin
from demo.crm.crm import crm
from demo.crm.events import Order
from demo.crm.pages.desk import needs
from demo.crm.sales import PHASES, PhaseAction

blueprint = Blueprint("preferences", __name__, url_prefix="/preferences")


@blueprint.get("")
@needs("admin")
def index() -> ResponseReturnValue:
    """The buttons."""
    return render_template("preferences/index.html")


@blueprint.get("/spotler")
@needs("admin")
def spotler() -> ResponseReturnValue:
    """Settings, mapping, runs, back-ups: the `admin` widget."""
    return render_template("preferences/spotler.html")


@blueprint.get("/automatic-actions")
@needs("admin")
def automatic_actions() -> ResponseReturnValue:
    """The list of automatic actions, from the plugin."""
    actions = plugin.automatic_actions(crm().settings)
    return render_template("preferences/automatic_actions.html", actions=actions)


@blueprint.get("/automatic-actions/new", defaults={"action_id": None})
@blueprint.get("/automatic-actions/<action_id>")
@needs("admin")
def automatic_action(action_id: str | None) -> ResponseReturnValue:
    """The `automatic-action` widget, for a new action or an existing one."""
    return render_template("preferences/automatic_action.html", action_id=action_id)


@blueprint.get("/sales-scheme")
@needs("admin")
def sales_scheme() -> ResponseReturnValue:
    """Which actions are attached to which phases."""
    return render_template(
        "preferences/sales_scheme.html",
        phases=PHASES,
        attached=crm().sales.actions(),
        actions=plugin.automatic_actions(crm().settings),
    )


@blueprint.post("/sales-scheme")
@needs("admin")
def attach() -> ResponseReturnValue:
    """Attach an action to a phase."""
    known = {action.id: action for action in plugin.automatic_actions(crm().settings) or []}
    action = known.get(request.form.get("action_id", ""))
    phase = request.form.get("phase", "")
    if action is None or phase not in PHASES:
        flash("Kies een fase en een automatische actie.", "error")
    else:
        crm().sales.attach(PhaseAction(phase, action.id, action.name))
        flash(f"{action.name} start voortaan in de fase {phase}.", "success")
    return redirect(url_for("preferences.sales_scheme"))


@blueprint.post("/sales-scheme/detach")
@needs("admin")
def detach() -> ResponseReturnValue:
    """Detach an action from a phase."""
    crm().sales.detach(request.form.get("phase", ""), request.form.get("action_id", ""))
    flash("De automatische actie is losgekoppeld.", "success")
    return redirect(url_for("preferences.sales_scheme"))


@blueprint.get("/events")
@needs("admin")
def events() -> ResponseReturnValue:
    """The log of events."""
    outbox = crm().outbox
    return render_template(
        "preferences/events.html",
        events=outbox.log(100),
        waiting=outbox.waiting(),
        order=outbox.order,
    )


@blueprint.post("/events/order")
@needs("admin")
def order_events() -> ResponseReturnValue:
    """Send new events at once, late, or out of order, as a network may."""
    try:
        crm().outbox.order = Order(request.form.get("order", ""))
    except ValueError:
        abort(400, "Kies hoe gebeurtenissen worden gestuurd.")
    flash("Nieuwe gebeurtenissen worden voortaan zo gestuurd.", "success")
    return redirect(url_for("preferences.events"))


@blueprint.post("/events/<event_id>/again")
@needs("admin")
def send_again(event_id: str) -> ResponseReturnValue:
    """Send an event once more."""
    if not crm().outbox.again(event_id):
        abort(404, "Deze gebeurtenis bestaat niet.")
    flash("De gebeurtenis wordt opnieuw gestuurd.", "success")
    return redirect(url_for("preferences.events"))
