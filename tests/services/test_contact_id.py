"""Which ids of the CRM are taken."""

from __future__ import annotations

import pytest

from spotler_plugin.services.contact_id import is_crm_id


@pytest.mark.parametrize(
    "given", ["1", "c-1", "C81F5D5B-E320-5E22-81B2-FD244B9CF787", "crm:1.2_3", "x" * 120]
)
def test_ids(given: str) -> None:
    assert is_crm_id(given)


@pytest.mark.parametrize(
    "given",
    [
        "",
        ".",
        "..",
        "a..b",
        ".a",
        "a.",
        "a,b",
        "a/b",
        "a b",
        "é",
        "a\n",
        "x" * 121,
        "a%2Fb",
        7,
        None,
    ],
)
def test_what_is_no_id(given: object) -> None:
    assert not is_crm_id(given)
