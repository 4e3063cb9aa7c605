"""Contacts of the CRM: read, followed, changed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses

from spotler_plugin.crm import CrmClient, InvalidAnswer, PatchResult, Refused, UnknownOutcome
from spotler_plugin.crm.paging import MOST_PAGES

BASE = "https://crm.test/api"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def raw(contact_id: str = "alice", **changes: Any) -> dict[str, Any]:
    """A contact as the CRM sends it."""
    return {
        "id": contact_id,
        "relation_id": "acme",
        "primary": True,
        "active": True,
        "version": 3,
        "fields": {"email": "alice@example.nl"},
    } | changes


def test_get_many(client: CrmClient, wire: responses.RequestsMock) -> None:
    answer = {
        "contacts": [raw(), raw("stranger"), raw("bob", relation_id=None, active=False)],
        "missing": ["charlie"],
    }
    wire.get(f"{BASE}/contacts", json=answer)
    batch = client.contacts.get_many(["alice", "bob", "charlie", "dave"])
    assert str(wire.calls[0].request.url).endswith("?ids=alice,bob,charlie,dave")
    assert sorted(batch.contacts) == ["alice", "bob"]
    assert batch.missing == {"charlie", "dave"}
    assert batch.contacts["alice"].fields == {"email": "alice@example.nl"}
    assert batch.contacts["alice"].primary and batch.contacts["alice"].relation_id == "acme"
    assert batch.contacts["bob"].relation_id is None and not batch.contacts["bob"].active
    assert "alice@" not in repr(batch)


def test_get_many_limits(client: CrmClient) -> None:
    assert client.contacts.get_many([]).contacts == {}
    with pytest.raises(ValueError, match="100"):
        client.contacts.get_many([str(number) for number in range(101)])
    for unusable in ("", "a,b"):
        with pytest.raises(ValueError, match="id"):
            client.contacts.get_many(["alice", unusable])


@pytest.mark.parametrize(
    ("value", "version"), [(3, 3), ("3", 3), ("0012", 12), ("3a", "3a"), ("²", "²"), ("-1", "-1")]
)
def test_version(
    client: CrmClient, wire: responses.RequestsMock, value: Any, version: int | str
) -> None:
    wire.get(f"{BASE}/contacts", json={"contacts": [raw(version=value)]})
    assert client.contacts.get_many(["alice"]).contacts["alice"].version == version


@pytest.mark.parametrize(
    "broken", [{"version": None}, {"version": True}, {"version": ""}, {"id": ""}, {"fields": []}]
)
def test_what_is_no_contact(
    client: CrmClient, wire: responses.RequestsMock, broken: dict[str, Any]
) -> None:
    wire.get(f"{BASE}/contacts", json={"contacts": [raw(**broken)]})
    with pytest.raises(InvalidAnswer):
        client.contacts.get_many(["alice"])


@pytest.mark.parametrize("broken", [{"version": None}, {"version": "v" * 65}, {"fields": []}])
def test_one_that_cannot_be_read_hides_nobody_else(
    client: CrmClient, wire: responses.RequestsMock, broken: dict[str, Any]
) -> None:
    wire.get(f"{BASE}/contacts", json={"contacts": [raw(**broken), raw("bob")]})
    batch = client.contacts.get_many(["alice", "bob", "charlie"])
    assert set(batch.contacts) == {"bob"}
    assert batch.unreadable == {"alice"} and batch.missing == {"charlie"}


@pytest.mark.parametrize("odd", [None, 7, "x", {}, {"id": None}, {"id": ["bob"]}, {"id": True}])
def test_a_row_of_nobody_makes_nobody_missing(
    client: CrmClient, wire: responses.RequestsMock, odd: Any
) -> None:
    """It may be of any that the answer does not name: they are not gone, but unread."""
    wire.get(f"{BASE}/contacts", json={"contacts": [odd, raw()], "missing": ["dave"]})
    batch = client.contacts.get_many(["alice", "bob", "dave"])
    assert set(batch.contacts) == {"alice"}
    assert batch.unreadable == {"bob"} and batch.missing == {"dave"}
    [page] = client.contacts.changed_since(NOON)
    assert [each.id for each in page.contacts] == ["alice"]


def test_pages_without_end(client: CrmClient, wire: responses.RequestsMock) -> None:
    cursors = count()

    def answer(_request: object) -> tuple[int, dict[str, str], str]:
        return 200, {}, json.dumps({"contacts": [raw()], "next": str(next(cursors))})

    wire.add_callback("GET", f"{BASE}/contacts", answer)
    with pytest.raises(InvalidAnswer):
        list(client.contacts.changed_since(NOON))
    assert len(wire.calls) == MOST_PAGES


def test_changed_since_follows_the_cursor(client: CrmClient, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/contacts", json={"contacts": [raw()], "next": "c/1"})
    wire.get(f"{BASE}/contacts", json={"contacts": [raw("bob")], "next": None})
    pages = list(client.contacts.changed_since(NOON, limit=1))
    assert [[contact.id for contact in page.contacts] for page in pages] == [["alice"], ["bob"]]
    first, second = (parse_qs(urlsplit(str(call.request.url)).query) for call in wire.calls)
    assert first == {"changed_since": ["2026-11-23T12:00:00+00:00"], "limit": ["1"]}
    assert second == first | {"after": ["c/1"]}


def test_a_cursor_that_comes_back(client: CrmClient, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/contacts", json={"contacts": [raw()], "next": "same"})
    with pytest.raises(InvalidAnswer):
        list(client.contacts.changed_since(NOON))


def test_a_moment_needs_an_offset(client: CrmClient) -> None:
    with pytest.raises(ValueError, match="offset"):
        list(client.contacts.changed_since(NOON.replace(tzinfo=None)))


def test_patch(client: CrmClient, wire: responses.RequestsMock) -> None:
    answer = {
        "updated": ["alice", "bob", "stranger"],
        "failed": [{"id": "bob", "reason": "locked"}],
    }
    wire.patch(f"{BASE}/contacts", json=answer)
    result = client.contacts.patch(
        ["alice", "bob", "charlie"],
        {"keywords": ["x"]},
        replace_keywords=True,
        idempotency_key="run-1",
    )
    assert result == PatchResult(frozenset({"alice"}), {"bob": "locked", "charlie": ""})
    assert wire.calls[0].request.headers["Idempotency-Key"] == "run-1"
    assert json.loads(wire.calls[0].request.body or b"") == {
        "ids": ["alice", "bob", "charlie"],
        "changes": {"keywords": ["x"]},
        "replace_keywords": True,
    }


@pytest.mark.parametrize("answer", [{}, {"updated": []}, {"updated": [{}], "failed": []}])
def test_patch_without_a_clear_answer(
    client: CrmClient, wire: responses.RequestsMock, answer: Any
) -> None:
    wire.patch(f"{BASE}/contacts", json=answer)
    with pytest.raises(UnknownOutcome):
        client.contacts.patch(["alice"], {}, idempotency_key="k")


@pytest.mark.parametrize(
    ("status", "recorded"), [(201, True), (204, True), (404, False), (405, False)]
)
def test_opt_out(
    client: CrmClient, wire: responses.RequestsMock, status: int, recorded: bool
) -> None:
    wire.post(f"{BASE}/contacts/a%2Fb/opt-outs", status=status)
    told = client.contacts.record_opt_out(
        "a/b", permission="Nieuws", at=NOON, source="spotler", idempotency_key="k"
    )
    assert told is recorded
    assert json.loads(wire.calls[0].request.body or b"") == {
        "permission": "Nieuws",
        "at": "2026-11-23T12:00:00+00:00",
        "source": "spotler",
    }


def test_opt_out_refused(client: CrmClient, wire: responses.RequestsMock) -> None:
    wire.post(f"{BASE}/contacts/alice/opt-outs", status=400)
    with pytest.raises(Refused):
        client.contacts.record_opt_out(
            "alice", permission="p", at=NOON, source="s", idempotency_key="k"
        )
