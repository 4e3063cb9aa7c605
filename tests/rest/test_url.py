"""Where calls go: only to the base, with ids that stay one segment."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from spotler_plugin.rest.url import BaseUrl
from tests.rest.conftest import BASE
from tests.rest.sides import Side


@pytest.mark.parametrize("url", ["", "restapi.mailplus.nl", "file:///etc/passwd", "https://"])
def test_bases_that_are_none(side: Side, url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        side.transport(url)


@pytest.mark.parametrize("contact_id", ["", ".", ".."])
def test_ids_that_would_change_the_path(side: Side, client: Any, contact_id: str) -> None:
    with pytest.raises(ValueError, match="id"):
        side.write(client, contact_id)


def test_ids_are_one_segment(side: Side, client: Any, wire: responses.RequestsMock) -> None:
    path = side.path_to("a%2Fb%20%3F%23%25%2B%C3%A9")
    wire.add(side.write_method, f"{BASE}/{path}", status=204)
    assert side.write(client, "a/b ?#%+é") is True
    assert str(wire.calls[0].request.url) == f"{BASE}/{path}"


def test_a_query_is_encoded_but_for_what_may_stand_plain() -> None:
    params: dict[str, str | int] = {"ids": "a,b", "sum": "1+1 = 2"}
    assert BaseUrl(BASE).of("x", (), params) == f"{BASE}/x?ids=a%2Cb&sum=1%2B1%20%3D%202"
    assert BaseUrl(f"{BASE}/", plain=",").of("x", (), params) == (
        f"{BASE}/x?ids=a,b&sum=1%2B1%20%3D%202"
    )


@pytest.mark.parametrize(
    ("url", "ours"),
    [
        (f"{BASE}/x?after=6", True),
        ("?after=6", True),
        ("https://other.test:443/elsewhere", True),
        ("https://other.test:444/api/x", False),
        ("http://other.test/api/x", False),
        ("https://evil.test/api/x", False),
        ("//evil.test/api/x", False),
        ("https://other.test@evil.test/api/x", False),
    ],
)
def test_which_urls_of_an_answer_are_ours(side: Side, url: str, ours: bool) -> None:
    assert side.transport(BASE).is_ours(url) is ours
