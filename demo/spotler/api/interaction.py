"""``/mailing-interaction`` and ``/trend-report`` (spotler-api.md §2.8 [D])."""

from typing import Any

from werkzeug import Response

from demo.spotler import dates
from demo.spotler.account.mailings import Delivery
from demo.spotler.answers import json_answer
from demo.spotler.errors import ApiError
from demo.spotler.paging import cut, page_size
from demo.spotler.request import Request
from demo.spotler.state import State


def _moments(kind: str, delivery: Delivery) -> list[int]:
    match kind:
        case "sent":
            return [delivery.sent_at]
        case "opened":
            return delivery.opened_at
        case "clicked":
            return delivery.clicked_at
        case "bounced":
            return [delivery.sent_at] if delivery.bounce else []
        case _:
            raise ApiError(404, "RESOURCE_NOT_FOUND", "Not found")


def _item(kind: str, delivery: Delivery, at: int) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": delivery.id,
        "encryptedMailingId": delivery.mailing.encrypted_id,
        "date": dates.to_iso(at),
        "changeDate": dates.to_iso(at),
    }
    if delivery.contact.external_id is not None:
        item["externalContactId"] = delivery.contact.external_id
    if kind == "sent":
        item |= {"name": delivery.mailing.name, "subject": delivery.mailing.subject}
    if kind == "bounced":
        item["bounceType"] = delivery.bounce
    return item


def interactions(state: State, request: Request, kind: str) -> Response:
    """Everything sent, opened, clicked or bounced in a window; every parameter is optional."""
    after, before, changed_after, changed_before = (
        dates.parameter(request.args, name, required=False)
        for name in ("fromDate", "toDate", "fromChangeDate", "toChangeDate")
    )
    found = [
        _item(kind, delivery, at)
        for delivery in state.account.mailings.deliveries
        for at in _moments(kind, delivery)
        if all(at >= limit for limit in (after, changed_after) if limit is not None)
        and all(at <= limit for limit in (before, changed_before) if limit is not None)
    ]
    settings = state.settings
    page, paging = cut(settings, request, found, page_size(settings, request))
    return json_answer({"paging": paging, "interactions": page})


def trend_reports(state: State, request: Request) -> Response:
    """Trend reports; this account has none."""
    return json_answer({"paging": {"after": 0}, "trendReports": []})
