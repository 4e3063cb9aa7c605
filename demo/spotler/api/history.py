"""What a contact was sent, and the forms it filled in (spotler-api.md §2.1, §2.8)."""

from demo.spotler.api.contact import known_contact
from demo.spotler.messages import Request, Response, json_answer
from demo.spotler.paging import HISTORY_SIZE, cut
from demo.spotler.routing import Routes
from demo.spotler.state import State

routes = Routes()


def _history(state: State, request: Request, key: str, *, campaigns: bool) -> Response:
    contact = known_contact(state, request)
    sent = state.account.mailings.to(contact, campaigns=campaigns)
    page, paging = cut(request, sent, HISTORY_SIZE)
    items = [delivery.as_history(legacy=request.legacy) for delivery in page]
    return json_answer({"paging": paging, key: items})


@routes.on("GET", "/contact/{externalId}/mailings")
def mailings(state: State, request: Request) -> Response:
    """Mailings to the contact, newest first; the page size is fixed at 50 [D]."""
    return _history(state, request, "mailingHistories", campaigns=False)


@routes.on("GET", "/contact/{externalId}/campaign-mailings")
def campaign_mailings(state: State, request: Request) -> Response:
    """Mailings of old-module campaigns; mail of automations is in neither list [U]."""
    return _history(state, request, "campaignMailingHistories", campaigns=True)


@routes.on("GET", "/contact/{externalId}/forms")
def forms(state: State, request: Request) -> Response:
    """Forms; nobody fills them in here."""
    known_contact(state, request)
    return json_answer({"paging": {"after": 0}, "formHistories": []})
