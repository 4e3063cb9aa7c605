"""Lists of contacts: changes, bounces and search (spotler-api.md §2.1, §2.2, §5)."""

from collections.abc import Iterable
from typing import Any

from werkzeug import Response

from demo.spotler import dates
from demo.spotler.account.contacts import Contact, Standing, render
from demo.spotler.account.properties import PSEUDO
from demo.spotler.answers import json_answer
from demo.spotler.errors import invalid_params
from demo.spotler.paging import cut, page_size
from demo.spotler.request import Request
from demo.spotler.settings import Settings
from demo.spotler.state import State

DAY = 86_400_000


def _window(settings: Settings, request: Request) -> tuple[int, int]:
    start, end = (dates.parameter(request.args, name) for name in ("fromDate", "toDate"))
    assert start is not None and end is not None
    if 0 < settings.longest_window * DAY < end - start:
        raise invalid_params(f"At most {settings.longest_window} days")
    return dates.widened(start, end, settings.finest_date)


def _horizon(settings: Settings) -> int:
    """The moment up to which search and updates know what happened."""
    return dates.now() - round(settings.lag * 1000)


def updates(state: State, request: Request) -> Response:
    """Contacts that changed in the window: new, written, opted out, bounced, all alike [U]."""
    settings, account = state.settings, state.account
    start, end = _window(settings, request)
    size = page_size(settings, request, required=True)
    changed: Iterable[Contact] = account.directory.changes.between(
        start, min(end, _horizon(settings)) if settings.lag else end
    )
    if not settings.updates_show_inactive:
        changed = (each for each in changed if each.standing is Standing.ACTIVE)
    page, paging = cut(settings, request, changed, size)
    contacts = [render(contact, account.schema, legacy=request.legacy) for contact in page]
    # The pinned version answers with a bare array: §1.1 [C].
    return json_answer(contacts if request.legacy else {"paging": paging, "contacts": contacts})


def bounces(state: State, request: Request) -> Response:
    """Mail that came back in the window."""
    start, end = _window(state.settings, request)
    size = page_size(state.settings, request, required=True)
    fitting = sorted((b for b in state.account.bounces if start <= b.at <= end), key=lambda b: b.at)
    page, paging = cut(state.settings, request, fitting, size)
    found = [
        {
            "date": dates.stamp(bounce.at, request.legacy),
            "type": bounce.kind,
            "contact": render(bounce.contact, state.account.schema, legacy=request.legacy),
            "encryptedActId": bounce.act,
        }
        for bounce in page
    ]
    return json_answer(found if request.legacy else {"paging": paging, "bounces": found})


def _criterion(state: State, request: Request) -> tuple[str, str]:
    name, sign, value = request.args.get("MPSearchQuery", "").partition("=")
    descriptor = state.account.schema.by_name.get(name)
    if not sign or descriptor is None or not descriptor.visible or descriptor.type == "set":
        raise invalid_params("MPSearchQuery must be <property>=<value>")
    return name, value


def _fitting(state: State, name: str, value: str) -> Iterable[Contact]:
    directory = state.account.directory
    if not state.settings.search_is_exact and name not in PSEUDO:
        return [c for c in directory if value in str(c.properties.get(name, ""))]
    if name == "email":
        found = directory.by_email(value)
        folded = state.settings.search_folds_case
        return found if folded else [c for c in found if c.email == value]
    if name == "externalId":
        one = directory.by_external_id(value)
        return [one] if one else []
    if name in PSEUDO:
        return [c for c in directory if str(c.test_group).lower() == value.lower()]
    return [c for c in directory if str(c.properties.get(name, "")) == value]


def search(state: State, request: Request) -> Response:
    """Contacts with exactly this value; for addresses capitals do not matter (§2.2 [U])."""
    settings, horizon = state.settings, _horizon(state.settings)
    size = page_size(settings, request, required=True)
    fitting = _fitting(state, *_criterion(state, request))
    if not settings.search_shows_inactive:
        fitting = [each for each in fitting if each.standing is Standing.ACTIVE]
    if settings.lag:
        fitting = [each for each in fitting if each.changed <= horizon]
    page, paging = cut(settings, request, fitting, size)
    contacts: list[Any] = [
        render(contact, state.account.schema, legacy=request.legacy) for contact in page
    ]
    return json_answer({"paging": paging, "contacts": contacts})
