"""The feeds of changes: both shapes, and everything that `next` may be."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from requests import PreparedRequest

from spotler_plugin.spotler import Bounce, BounceKind, InvalidAnswer, SpotlerClient
from spotler_plugin.spotler.paging import MOST_PAGES

BASE = "https://spotler.test/integrationservice"
UPDATES = f"{BASE}/contact/updates/list"
SINCE = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
UNTIL = datetime(2026, 1, 2, microsecond=1, tzinfo=UTC)


def people(count: int) -> list[dict[str, Any]]:
    return [{"externalId": str(each), "encryptedId": f"e{each}"} for each in range(count)]


def serve(
    mail_plus: responses.RequestsMock,
    rows: list[dict[str, Any]],
    following: Callable[[int, int], str | None] | None = None,
) -> list[int]:
    """Serve pages of 3; returns the offsets that were asked for."""
    asked: list[int] = []

    def answer(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        query = parse_qs(urlsplit(str(request.url)).query)
        after = int(query["after"][0])
        assert query["pageSize"] == ["3"]
        asked.append(after)
        page = rows[after : after + 3]
        if following is None:
            return 200, {}, json.dumps(page)
        paging = {"after": after, "next": following(after, len(page))}
        return 200, {}, json.dumps({"paging": paging, "contacts": page})

    mail_plus.add_callback("GET", UPDATES, answer)
    return asked


def sizes(client: SpotlerClient) -> list[int]:
    return [len(page) for page in client.contacts.updates(SINCE, UNTIL, page_size=3)]


def test_period_has_an_offset_and_loses_nothing(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    mail_plus.get(UPDATES, json=[])
    assert list(client.contacts.updates(SINCE, UNTIL)) == []
    assert urlsplit(str(mail_plus.calls[0].request.url)).query == (
        "fromDate=2026-01-01T00%3A00%3A00%2B00%3A00"
        "&toDate=2026-01-02T00%3A00%3A01%2B00%3A00&pageSize=1000&after=0"
    )


@pytest.mark.parametrize(
    ("count", "expected", "offsets"),
    [(0, [], [0]), (2, [2], [0]), (3, [3], [0, 3]), (7, [3, 3, 1], [0, 3, 6])],
)
def test_bare_arrays_advance_by_count(
    client: SpotlerClient,
    mail_plus: responses.RequestsMock,
    count: int,
    expected: list[int],
    offsets: list[int],
) -> None:
    asked = serve(mail_plus, people(count))
    assert sizes(client) == expected
    assert asked == offsets


def test_next_is_followed(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    def following(after: int, count: int) -> str | None:
        return f"{UPDATES}?after={after + 3}&fromDate=1900-01-01" if after < 3 else None

    asked = serve(mail_plus, people(5), following)
    assert sizes(client) == [3, 2]
    assert asked == [0, 3]
    # Of the URL only the offset counts.
    assert all("1900" not in str(call.request.url) for call in mail_plus.calls)


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.test/integrationservice/contact/updates/list?after=6",
        "http://spotler.test/integrationservice/contact/updates/list?after=6",
        "https://spotler.test:444/?after=6",
        "https://spotler.test:port/?after=6",
        f"{UPDATES}?after=0",
        f"{UPDATES}?after=x",
        UPDATES,
    ],
)
def test_a_next_that_leads_elsewhere_or_nowhere(
    client: SpotlerClient, mail_plus: responses.RequestsMock, following: str
) -> None:
    asked = serve(mail_plus, people(5), lambda after, count: following)
    assert sizes(client) == [3, 2]
    assert asked == [0, 3]


def test_a_short_page_with_a_next_is_not_the_last(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    asked = serve(mail_plus, people(4), lambda after, count: f"?after={after + 2}")
    assert sizes(client) == [3, 2]
    assert asked == [0, 2, 4]


def test_a_server_that_ignores_the_offset(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    mail_plus.get(UPDATES, json=people(3))
    with pytest.raises(InvalidAnswer):
        sizes(client)


def test_pages_that_come_round_again(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    rows = people(6)
    asked = serve(mail_plus, rows * 1000, lambda after, count: f"?after={after + 3}")
    with pytest.raises(InvalidAnswer):
        sizes(client)
    assert asked == [0, 3, 6]


def test_pages_without_end(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    asked = serve(mail_plus, people(3 * MOST_PAGES + 3))
    with pytest.raises(InvalidAnswer):
        sizes(client)
    assert len(asked) == MOST_PAGES


def test_what_is_no_contact_is_none(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    mail_plus.get(UPDATES, json=[7, *people(1), {"externalId": "without"}])
    [[first, second, third]] = client.contacts.updates(SINCE, UNTIL)
    assert first is None and third is None
    assert second is not None and second.encrypted_id == "e0"


@pytest.mark.parametrize("size", [0, 10_001])
def test_page_size(client: SpotlerClient, size: int) -> None:
    with pytest.raises(ValueError, match="page"):
        next(client.contacts.updates(SINCE, UNTIL, page_size=size))


def test_a_period_needs_an_offset(client: SpotlerClient) -> None:
    with pytest.raises(ValueError, match="offset"):
        next(client.contacts.updates(SINCE.replace(tzinfo=None), UNTIL))


def test_bounces(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    bounces = [
        {"date": 1_767_319_445, "type": "HARDBOUNCE", "contact": {"externalId": "alice"}},
        {"date": "2026-01-02T02:04:05Z", "type": "SOFT", "contact": {"encryptedId": "enc"}},
    ]
    mail_plus.get(f"{BASE}/contact/bounces/list", json={"paging": {"after": 0}, "bounces": bounces})
    at = datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)
    assert list(client.contacts.bounces(SINCE, UNTIL)) == [
        [
            Bounce(at, BounceKind.HARD, "alice", None),
            Bounce(at, BounceKind.SOFT, None, "enc"),
        ]
    ]


@pytest.mark.parametrize(
    "idle", [{}, {"paging": {}}, {"paging": {"after": 0}}, {"paging": None}, {"contacts": None},
             {"paging": {"after": 0}, "contacts": None}]
)  # fmt: skip
def test_a_list_that_is_left_out_is_empty(
    client: SpotlerClient, mail_plus: responses.RequestsMock, idle: dict[str, Any]
) -> None:
    """SW requires none of the keys; an idle feed failed for ever."""
    mail_plus.get(UPDATES, json=idle)
    mail_plus.get(f"{BASE}/contact/search", json=idle)
    assert list(client.contacts.updates(SINCE, UNTIL)) == []
    assert client.contacts.search("email", "zoe@example.nl") == []


@pytest.mark.parametrize(
    "other", [{"errorType": "BACKEND_EXCEPTION"}, {"paging": {}, "contacts": {}}, {"result": "OK"},
              {"paging": {}, "message": "onderhoud"}, {"contacts": "geen"}]
)  # fmt: skip
def test_an_object_of_another_kind_is_no_empty_list(
    client: SpotlerClient, mail_plus: responses.RequestsMock, other: dict[str, Any]
) -> None:
    mail_plus.get(UPDATES, json=other)
    with pytest.raises(InvalidAnswer):
        list(client.contacts.updates(SINCE, UNTIL))


def test_a_hit_that_cannot_be_read_hides_no_other(
    client: SpotlerClient, mail_plus: responses.RequestsMock
) -> None:
    """Unless it may be the one that is looked for: then nobody knows how that one stands."""
    ours = {"encryptedId": "e", "properties": {"email": "zoe@example.nl"}}
    other = {"properties": {"email": "noor@example.nl"}}
    mail_plus.get(f"{BASE}/contact/search", json={"contacts": [other, ours]})
    [found] = client.contacts.search("email", "zoe@example.nl")
    assert found.encrypted_id == "e"
    odd = {"properties": {"email": "Zoe@example.nl"}}
    mail_plus.replace("GET", f"{BASE}/contact/search", json={"contacts": [ours, odd]})
    with pytest.raises(InvalidAnswer):
        client.contacts.search("email", "zoe@example.nl")
