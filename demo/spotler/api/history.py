"""What a contact was sent, and the forms it filled in (spotler-api.md §2.1, §2.8)."""

from werkzeug import Response

from demo.spotler.answers import json_answer
from demo.spotler.api.contact import known_contact
from demo.spotler.paging import HISTORY_SIZE, cut
from demo.spotler.request import Request
from demo.spotler.state import State


def _history(state: State, request: Request, external_id: str, *, campaigns: bool) -> Response:
    sent = state.account.mailings.to(known_contact(state, external_id), campaigns=campaigns)
    page, paging = cut(state.settings, request, sent, HISTORY_SIZE)
    items = [delivery.as_history() for delivery in page]
    key = "campaignMailingHistories" if campaigns else "mailingHistories"
    return json_answer({"paging": paging, key: items})


def mailings(state: State, request: Request, external_id: str) -> Response:
    """Mailings to the contact, newest first; the page size is fixed at 50 [D]."""
    return _history(state, request, external_id, campaigns=False)


def campaign_mailings(state: State, request: Request, external_id: str) -> Response:
    """Mailings of old-module campaigns; mail of automations is in neither list [U]."""
    return _history(state, request, external_id, campaigns=True)


def forms(state: State, request: Request, external_id: str) -> Response:
    """Forms; nobody fills them in here."""
    known_contact(state, external_id)
    return json_answer({"paging": {"after": 0}, "formHistories": []})
