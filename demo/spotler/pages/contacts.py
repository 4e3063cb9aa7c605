"""The contacts, one contact, and what its recipient can do."""

from itertools import islice

from werkzeug import Response
from werkzeug.utils import redirect

from demo.spotler.account.contacts import Contact, Standing
from demo.spotler.digits import whole_number
from demo.spotler.errors import contact_not_found
from demo.spotler.pages.rendering import page
from demo.spotler.request import Request
from demo.spotler.state import State

PAGE = 50


def _contact(state: State, reference: str) -> Contact:
    contact = state.account.directory.find(reference)
    if contact is None:
        raise contact_not_found(reference)
    return contact


def listing(state: State, request: Request) -> Response:
    """Contacts, fifty a page; ``q`` is a part of name, address, company or externalId."""
    wanted = request.args.get("q", "").strip()
    text = request.args.get("pagina", "1")
    number = max(1, whole_number(text) or 1)
    fitting = [c for c in state.account.directory if _fits(c, wanted.lower())]
    return page(
        "contacts.html",
        section="contacten",
        q=wanted,
        total=len(fitting),
        number=number,
        pages=max(1, -(-len(fitting) // PAGE)),
        contacts=list(islice(fitting, (number - 1) * PAGE, number * PAGE)),
        permissions=state.account.schema.permissions.entries,
    )


def _fits(contact: Contact, wanted: str) -> bool:
    if not wanted:
        return True
    company = contact.properties.get("organisation", "")
    return wanted in f"{contact.name} {contact.email} {contact.external_id} {company}".lower()


def show(state: State, request: Request, reference: str) -> Response:
    """Everything of one contact."""
    account, contact = state.account, _contact(state, reference)
    sent = [
        *account.mailings.to(contact, campaigns=False),
        *account.mailings.to(contact, campaigns=True),
    ]
    return page(
        "contact.html",
        section="contacten",
        contact=contact,
        schema=account.schema,
        sent=sorted(sent, key=lambda delivery: -delivery.sent_at),
        enrolments=account.automations.of(contact),
        participations=account.campaigns.of(contact),
    )


def change_permission(state: State, request: Request, reference: str) -> Response:
    """The recipient changes one permission, by the link in a mailing."""
    contact = _contact(state, reference)
    bit = int(request.form["bit"])
    contact.sets["permissions"] = contact.sets.get("permissions", 0) ^ bit
    state.account.directory.touch(contact)
    return redirect(f"/contacten/{contact.encrypted_id}", 303)


def change_standing(state: State, request: Request, reference: str) -> Response:
    """The recipient signs off, an address bounces, or a user of Mail+ repairs it."""
    contact = _contact(state, reference)
    wanted = Standing(request.form["standing"])
    if wanted is Standing.HARD_BOUNCED:
        state.account.bounce(contact, "HARD")
    else:
        state.account.set_standing(contact, wanted)
    return redirect(f"/contacten/{contact.encrypted_id}", 303)
