"""``/mailing``: what was sent, and what came of it (spotler-api.md §2.8)."""

from typing import Any

from werkzeug import Response

from demo.spotler import dates
from demo.spotler.account.contacts import Contact
from demo.spotler.account.mailings import Delivery, Mailing
from demo.spotler.answers import json_answer
from demo.spotler.errors import ApiError, invalid_params
from demo.spotler.paging import cut, page_size
from demo.spotler.request import Request
from demo.spotler.state import State

LINK = {"id": 1, "name": "Lees meer", "url": "https://helder.example/nieuws", "type": "openhtml"}


def _mailing(state: State, mailing_id: str) -> Mailing:
    mailing = state.account.mailings.find(mailing_id)
    if mailing is None:
        raise ApiError(404, "MAILING_NOTFOUND", "Mailing not found")
    return mailing


def identifier(contact: Contact) -> dict[str, Any]:
    """A contact as items of mailings refer to it; only encryptedId is always there (§7 [D])."""
    shown = {"encryptedId": contact.encrypted_id}
    if contact.external_id is not None:
        shown["externalId"] = contact.external_id
    return shown


def listing(state: State, request: Request) -> Response:
    """Mailings in a window; an array, not paged [D]."""
    start, end = (dates.parameter(request.args, name) for name in ("fromDate", "toDate"))
    assert start is not None and end is not None
    fitting = [m for m in state.account.mailings.all if start <= m.sent_at <= end]
    return json_answer([mailing.as_json() for mailing in fitting])


def show(state: State, request: Request, mailing_id: str) -> Response:
    """One mailing."""
    mailing = _mailing(state, mailing_id)
    message = {
        "name": mailing.name,
        "author": "Redactie",
        "subject": mailing.subject,
        "fromName": "Helder",
        "fromEmail": "nieuws@helder.example",
    }
    more = {"sender": "Helder", "targetGroup": "Nieuwsbrief", "message": message, "links": [LINK]}
    return json_answer({**mailing.as_json(), **more})


def statistics(state: State, request: Request, mailing_id: str) -> Response:
    """Counts over the mailing's deliveries."""
    sent = state.account.mailings.of(_mailing(state, mailing_id))
    hard = sum(delivery.bounce == "HARD" for delivery in sent)
    soft = sum(delivery.bounce == "SOFT" for delivery in sent)
    opened = sum(bool(delivery.opened_at) for delivery in sent)
    return json_answer(
        {
            "sentCount": len(sent),
            "acceptedCount": len(sent) - hard - soft,
            "openCount": opened,
            "openRenderedCount": opened,
            "clickCount": sum(bool(delivery.clicked_at) for delivery in sent),
            "hardbounceCount": hard,
            "softbounceCount": soft,
            "notRetainedAfterBounceCount": hard,
            "conversionClickCount": 0,
            "unsubscribeCount": 0,
        }
    )


def _items(kind: str, delivery: Delivery) -> list[dict[str, Any]]:
    who: dict[str, Any] = {"contactIdentifier": identifier(delivery.contact)}
    if kind == "recipients":
        return [who]
    if kind == "opens":
        return [{**who, "openDate": dates.to_iso(at)} for at in delivery.opened_at]
    if kind == "clicks":
        moments = (dates.to_iso(at) for at in delivery.clicked_at)
        return [{**who, "clickDate": moment, "linkId": LINK["id"]} for moment in moments]
    if delivery.bounce is None:
        return []
    moment = dates.to_iso(delivery.sent_at)
    return [{**who, "bounceDate": moment, "type": f"{delivery.bounce}BOUNCE"}]


def details(state: State, request: Request, mailing_id: str, kind: str) -> Response:
    """Recipients, opens, clicks or bounces of a mailing."""
    sent = state.account.mailings.of(_mailing(state, mailing_id))
    if kind not in ("recipients", "opens", "clicks", "bounces"):
        raise ApiError(404, "RESOURCE_NOT_FOUND", "Not found")
    items = [item for each in sent for item in _items(kind, each)]
    settings = state.settings
    page, paging = cut(settings, request, items, page_size(settings, request))
    return json_answer({"paging": paging, kind: page})


def of_contact(
    state: State, request: Request, mailing_id: str, kind: str, external_id: str
) -> Response:
    """Opens or clicks of one contact; an unknown contact is a 400 here [D]."""
    mailing = _mailing(state, mailing_id)
    contact = state.account.directory.by_external_id(external_id)
    if contact is None or kind not in ("opens", "clicks"):
        raise invalid_params("Invalid contact")
    sent = [d for d in state.account.mailings.of(mailing) if d.contact is contact]
    items = [item for each in sent for item in _items(kind, each)]
    for item in items:
        del item["contactIdentifier"]
    settings = state.settings
    page, paging = cut(settings, request, items, page_size(settings, request))
    return json_answer({"paging": paging, kind: page})
