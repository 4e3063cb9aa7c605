"""Two people who fill in one automatic action at the same time."""

from __future__ import annotations

from typing import Any

import pytest

from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.draft import Draft, changed, merged

ON, OFF = Switch(True, "klant"), Switch(False)
SEEN = Draft("Welkom", "", Adjustment(note="Dag", switches={1: ON}, automations=(7,)))


def test_what_each_changed_is_kept() -> None:
    mine = Draft("Hallo", "", Adjustment(note="Dag", switches={1: ON, 2: OFF}, automations=(7, 8)))
    now = Draft("Welkom", "Nieuw", Adjustment(note="Dag", active=False, automations=()))
    assert merged(SEEN, mine, now) == Draft(
        "Hallo", "Nieuw", Adjustment("Dag", False, {2: OFF}, automations=(8,))
    )
    assert changed(SEEN, now) == [
        ("description", 0),
        ("status", 0),
        ("permission", 1),
        ("automation", 7),
    ]


def test_of_what_both_changed_mine_is_kept() -> None:
    mine = Draft("Mijn", "", Adjustment(switches={1: OFF}, automations=(7,)))
    now = Draft("Hun", "", Adjustment(note="Doei", automations=(7,)))
    assert merged(SEEN, mine, now) == mine


def test_it_goes_through_json_and_nothing_else_does() -> None:
    assert Draft.from_json(SEEN.to_json()) == SEEN


@pytest.mark.parametrize(
    "odd",
    [
        {"note": []},
        {"active": 1},
        {"automations": [{}]},
        {"switches": {"1": ["x", "y"]}},
        {"switches": {"1": []}},
        {"switches": []},
        {"automations": None},
    ],
)
def test_what_is_no_draft_is_refused(odd: dict[str, Any]) -> None:
    given = {"note": "", "active": None, "switches": {}, "automations": []} | odd
    with pytest.raises((ValueError, TypeError, KeyError, AttributeError)):
        Draft.from_json({"name": "", "description": "", "adjustment": given})
