"""`GET /contacts`, by id or by change, and `PATCH /contacts`."""

from flask import abort, jsonify, request
from flask.typing import ResponseReturnValue

from demo.crm.api import arguments
from demo.crm.crm import crm
from demo.crm.fields import CONTACT_FIELD, InvalidValue, Values

MOST_IDS = 100
STATUS = "active"
"""No field, but changed like one (crm-developer.md §5)."""
LOCKED = "Deze contactpersoon is vergrendeld in het CRM."


def index() -> ResponseReturnValue:
    """Return contacts by id, or those that changed."""
    since, after, limit = arguments.since(), arguments.cursor(), arguments.limit()
    if "ids" in request.args:
        asked = request.args["ids"].split(",")
        if len(asked) > MOST_IDS:
            abort(400, f"Vraag hooguit {MOST_IDS} contacten tegelijk.")
        ids = list(dict.fromkeys(filter(None, asked)))
        found = crm().contacts.find_many(ids)
        missing = sorted(set(ids) - {contact.id for contact in found}, key=ids.index)
        return jsonify(contacts=[contact.as_json() for contact in found], missing=missing)
    page = crm().contacts.changed(since, after, limit + 1)
    more = len(page) > limit
    page = page[:limit]
    # The cursor is a version: a contact that changes between two pages is returned again.
    following = f"v{page[-1].version}" if more else None
    return jsonify(contacts=[contact.as_json() for contact in page], next=following)


def change() -> ResponseReturnValue:
    """Make the same changes to many contacts."""
    body = arguments.body()
    ids, changes = body.get("ids"), body.get("changes")
    if not isinstance(ids, list) or not all(isinstance(each, str) for each in ids):
        abort(400, "ids is een lijst van teksten.")
    if len(ids) > MOST_IDS:
        abort(400, f"Wijzig hooguit {MOST_IDS} contacten tegelijk.")
    if not isinstance(changes, dict):
        abort(400, "changes is een object.")
    if unknown := [name for name in changes if name not in CONTACT_FIELD and name != STATUS]:
        abort(400, f"Onbekende velden: {', '.join(unknown)}.")
    if not isinstance(changes.get(STATUS, True), bool):
        abort(400, f"{STATUS} is true of false.")
    replace = body.get("replace_keywords", False)
    if not isinstance(replace, bool):
        abort(400, "replace_keywords is true of false.")
    unique = list(dict.fromkeys(ids))
    return arguments.once(lambda: (200, _change_all(unique, changes, replace)))


def _change_all(ids: list[str], changes: Values, replace: bool) -> dict[str, object]:
    updated: list[str] = []
    failed: list[dict[str, str]] = []
    for contact_id in ids:
        reason = _change(contact_id, changes, replace)
        if reason is None:
            updated.append(contact_id)
        else:
            failed.append({"id": contact_id, "reason": reason})
    return {"updated": updated, "failed": failed}


def _change(contact_id: str, changes: Values, replace: bool) -> str | None:
    contact = crm().contacts.find(contact_id)
    if contact is None:
        return "not_found"
    if contact.locked:
        return LOCKED
    mine = {name: value for name, value in changes.items() if name != STATUS}
    active = bool(changes[STATUS]) if STATUS in changes else None
    old = contact.fields["keywords"]
    new = mine.get("keywords")
    if not replace and isinstance(old, list) and isinstance(new, list):
        mine["keywords"] = old + new
    try:
        crm().contacts.change(contact_id, mine, active=active)
    except InvalidValue as error:
        return str(error)
    return None
