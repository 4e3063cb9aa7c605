"""The CRM's API for the plugin (crm-developer.md §5): the table of contents of its calls."""

from flask import Blueprint

from demo.crm.api import admission, contacts, fields, opt_outs, relations, selections

blueprint = Blueprint("api", __name__, url_prefix="/api")
admission.guard(blueprint)
blueprint.add_url_rule("/fields", "fields", fields.index)
blueprint.add_url_rule("/contacts", "contacts", contacts.index)
blueprint.add_url_rule("/contacts", "change", contacts.change, methods=["PATCH"])
blueprint.add_url_rule("/contacts/<contact_id>/opt-outs", "opt_out", opt_outs.add, methods=["POST"])
blueprint.add_url_rule("/selections/<selection_id>", "selection", selections.show)
blueprint.add_url_rule("/relations/<relation_id>", "relation", relations.show)
