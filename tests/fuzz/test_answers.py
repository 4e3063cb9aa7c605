"""Whatever CRM and Spotler answer, it is understood, skipped, or one of our errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin import crm, spotler
from spotler_plugin.models import Environment
from spotler_plugin.rest.errors import RestError
from spotler_plugin.services.feed.follow import follow_feed
from spotler_plugin.services.feed.state import find_feed
from tests.fuzz.odd import budget, scalars, shaped, texts, values, wire_texts

SPOTLER, CRM = "https://spotler.example/integrationservice", "https://crm.example/api"
ANYWHERE = re.compile("https://.*")

SPOTLER_CALLS: list[Callable[[spotler.SpotlerClient], object]] = [
    lambda one: one.contacts.get("a"),
    lambda one: one.contacts.search("email", "a@example.nl"),
    lambda one: one.contacts.save_many([spotler.ContactWrite(each, {}) for each in "ab"]),
    lambda one: one.contacts.save(spotler.ContactWrite("a", {})),
    lambda one: one.contacts.inactivate("a"),
    lambda one: list(one.contacts.updates(datetime(2026, 1, 1, tzinfo=UTC), datetime.now(UTC))),
    lambda one: list(one.contacts.bounces(datetime(2026, 1, 1, tzinfo=UTC), datetime.now(UTC))),
    lambda one: one.properties.list(),
    lambda one: one.automations.list(),
    lambda one: one.automations.trigger("c", "a"),
    lambda one: one.campaigns.list(),
    lambda one: one.campaigns.trigger("c", "a"),
    lambda one: one.mailings.history("a"),
]
CRM_CALLS: list[Callable[[crm.CrmClient], object]] = [
    lambda one: one.contacts.get_many(["a", "b"]),
    lambda one: list(one.contacts.changed_since(datetime(2026, 1, 1, tzinfo=UTC))),
    lambda one: one.contacts.patch(["a", "b"], {"x": 1}, idempotency_key="k"),
    lambda one: one.fields.list(),
    lambda one: list(one.selections.ids("s")),
    lambda one: one.relations.get("a"),
]

NAMES = ["id", "externalId", "encryptedId", "properties", "permissions", "channels", "name",
         "value", "created", "lastChanged", "bit", "enabled", "rank", "entries", "type",
         "description",
         "contact", "date", "result", "errorType", "code", "message", "automationResults",
         "triggers", "active", "mailing", "sentDate", "fields", "version", "entity", "choices",
         "relation_id", "ids", "reason"]  # fmt: skip
LISTS = ["contacts", "bounces", "automations", "paging", "next", "missing", "fields", "failed",
         "updated", "ids", "total", "mailingHistories", "campaignMailingHistories",
         "errors"]  # fmt: skip
rows = shaped(NAMES, values | shaped(NAMES) | st.lists(shaped(NAMES), max_size=2))
known = st.fixed_dictionaries({"encryptedId": texts, "id": st.sampled_from(["a", "b"])})
answers = (
    values
    | st.lists(rows | values, max_size=3)
    | shaped(LISTS, values | st.lists(rows | known | values, max_size=3))
)
bodies = answers.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20)
told = st.dictionaries(
    st.sampled_from(["Retry-After", "Content-Type", "Location", "X-Any"]), wire_texts.map(
        lambda text: "".join(each for each in text if each.isprintable()).strip()
    ), max_size=2,
)  # fmt: skip
statuses = st.sampled_from([200, 200, 200, 201, 204, 302, 400, 401, 404, 408, 417, 429, 500, 503])


@pytest.mark.parametrize("call", range(len(SPOTLER_CALLS) + len(CRM_CALLS)))
@given(body=bodies, status=statuses, headers=told)
@budget(50)
def test_an_answer_is_understood_or_one_of_our_errors(
    call: int, body: bytes, status: int, headers: dict[str, str]
) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        for verb in ("GET", "POST", "PUT", "PATCH"):
            wire.add(verb, ANYWHERE, body=body, status=status, headers=headers)
        try:
            if call < len(SPOTLER_CALLS):
                SPOTLER_CALLS[call](spotler.connect(SPOTLER, "k", "s"))
            else:
                CRM_CALLS[call - len(SPOTLER_CALLS)](crm.connect(CRM, "token"))
        except RestError:
            assert len(wire.calls) > 0


contacts = st.fixed_dictionaries(
    {"encryptedId": texts | st.sampled_from(["e1", "e2"])},
    optional={
        "externalId": texts | st.sampled_from(["c-1", "c-2"]),
        "lastChanged": values | st.sampled_from(["0001-01-01T00:00:00+01:00", 10**30, "9" * 4000]),
        "created": values,
        "channels": values | st.just([{"name": "EMAIL", "value": False}]),
        "properties": shaped(
            ["email", "firstName", "permissions"],
            values | st.lists(shaped(["bit", "enabled"], scalars | st.just(10**30)), max_size=3),
        ),
    },
)


@given(page=st.lists(contacts | values, max_size=4), bounces=st.lists(rows | values, max_size=3))
@budget(100)
def test_whatever_the_feed_holds_it_is_read_to_its_end(
    connected: Environment, page: list[object], bounces: list[object]
) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.get(f"{SPOTLER}/contact/updates/list", body=json.dumps({"contacts": page}))
        wire.get(f"{SPOTLER}/contact/bounces/list", body=json.dumps({"bounces": bounces}))
        began = datetime.now(UTC)
        follow_feed(connected.id)
    row = find_feed(connected.id)
    assert row is not None and row.error is None
    assert row.read_at is not None and row.read_at >= began
