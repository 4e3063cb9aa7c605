"""The contacts, one contact, and what a recipient can do."""

from itertools import islice

from demo.spotler.account.contacts import Contact, Standing
from demo.spotler.errors import contact_not_found
from demo.spotler.messages import Request, Response
from demo.spotler.pages.rendering import back_to, form, page
from demo.spotler.routing import Routes
from demo.spotler.state import State

PAGE = 50
routes = Routes()


def _contact(state: State, request: Request) -> Contact:
    contact = state.account.directory.find(request.values["id"])
    if contact is None:
        raise contact_not_found(request.values["id"])
    return contact


@routes.on("GET", "/")
def listing(state: State, request: Request) -> Response:
    """Contacts, fifty a page; ``q`` is a part of name, address, company or externalId."""
    wanted = request.query.get("q", "").strip()
    text = request.query.get("pagina", "1")
    number = max(1, int(text)) if text.isdigit() else 1
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


@routes.on("GET", "/contacten/{id}")
def show(state: State, request: Request) -> Response:
    """Everything of one contact."""
    account, contact = state.account, _contact(state, request)
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


@routes.on("POST", "/contacten/{id}/permissies")
def change_permission(state: State, request: Request) -> Response:
    """The recipient changes one permission, by the link in a mailing."""
    contact = _contact(state, request)
    bit = int(form(request).get("bit", "0"))
    contact.sets["permissions"] = contact.sets.get("permissions", 0) ^ bit
    state.account.directory.touch(contact)
    return back_to(f"/contacten/{contact.encrypted_id}")


@routes.on("POST", "/contacten/{id}/status")
def change_standing(state: State, request: Request) -> Response:
    """The recipient signs off, an address bounces, or Mail+'s user repairs it."""
    contact = _contact(state, request)
    wanted = Standing(form(request).get("standing", "active"))
    if wanted is Standing.HARD_BOUNCED:
        state.account.bounce(contact, "HARD")
    else:
        state.account.set_standing(contact, wanted)
    return back_to(f"/contacten/{contact.encrypted_id}")
