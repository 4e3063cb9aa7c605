"""`POST /contacts/{id}/opt-outs`."""

from flask import abort
from flask.typing import ResponseReturnValue

from demo.crm.answers import Answer
from demo.crm.api import arguments
from demo.crm.crm import crm
from demo.crm.opt_outs import OptOut


def add(contact_id: str) -> ResponseReturnValue:
    """Store an opt-out that was seen in Spotler."""
    body = arguments.body()
    values = {name: body.get(name) for name in ("permission", "at", "source")}
    if not all(isinstance(value, str) and value for value in values.values()):
        abort(400, "permission, at en source zijn teksten.")
    if crm().contacts.find(contact_id) is None:
        abort(404, "Dit contact bestaat niet.")

    def keep() -> Answer:
        crm().opt_outs.add(OptOut(contact_id, **{name: str(each) for name, each in values.items()}))
        return 201, {"contact_id": contact_id}

    return arguments.once(keep)
