"""The properties of an account."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from spotler_plugin.spotler import Entry, InvalidAnswer, Property, SpotlerClient

URL = "https://spotler.test/integrationservice/contact/properties/list"


def test_list(client: SpotlerClient, mail_plus: responses.RequestsMock) -> None:
    entries = [
        {"bit": 2, "description": "Acties", "rank": 2},
        {"bit": 1, "description": "Nieuws", "rank": 1},
        {"bit": 4},
    ]
    listed = [
        {"name": "city", "description": "Plaats", "type": "string"},
        {"name": "x", "type": "somethingNew"},
        {"name": "permissions", "description": "Permissies", "type": "set", "entries": entries},
    ]
    mail_plus.get(URL, json=listed)
    assert client.properties.list() == [
        Property("city", "Plaats", "string"),
        Property("x", "x", "somethingNew"),
        Property(
            "permissions",
            "Permissies",
            "set",
            (Entry(4, "4", 0), Entry(1, "Nieuws", 1), Entry(2, "Acties", 2)),
        ),
    ]


@pytest.mark.parametrize(
    "listed",
    [
        {"properties": []},
        ["city"],
        [{"name": "city"}],
        [{"type": "string"}],
        [{"name": "p", "type": "set", "entries": [{"bit": "one"}]}],
    ],
)
def test_what_is_no_list(
    client: SpotlerClient, mail_plus: responses.RequestsMock, listed: Any
) -> None:
    mail_plus.get(URL, json=listed)
    with pytest.raises(InvalidAnswer):
        client.properties.list()
