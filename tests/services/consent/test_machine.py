"""Whatever happens, and in whatever order: nobody who signed off is signed on again, and no
automation starts twice.

`CONSENT_HISTORIES` and `CONSENT_SEED` ask for more histories than CI tries.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from spotler_plugin.models import RunKind
from spotler_plugin.planning import consent
from spotler_plugin.planning.state import Wanted
from spotler_plugin.services.consent import erased, seen
from spotler_plugin.services.erasure import there
from spotler_plugin.services.sources import restore
from spotler_plugin.services.sync import written
from spotler_plugin.spotler import ContactWrite
from tests.services.consent.machine import Anything
from tests.world.beginning import Beginning
from tests.world.chaos import Wire
from tests.world.truth import Truth
from tests.world.world import MONTHLY, QUARTERLY, World

HISTORIES = int(os.environ.get("CONSENT_HISTORIES", "300"))
SEED = int(os.environ.get("CONSENT_SEED", "20261126"))


@pytest.fixture
def machine(world: World) -> Iterator[type[Anything]]:
    wire = Wire(world)
    world.sandbox.state.reset(empty=True)
    with wire.wired():
        values = {"world": world, "wire": wire, "beginnings": {"new": Beginning.now(world)}}
        yield type("Anything", (Anything,), values)


@pytest.mark.long
def test_nobody_who_signed_off_is_on_and_no_automation_starts_twice(
    machine: type[Anything],
) -> None:
    chosen = settings(
        max_examples=HISTORIES,
        stateful_step_count=7,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        print_blob=False,
        phases=[Phase.generate],
    )
    run_state_machine_as_test(seed(SEED)(machine), settings=chosen)


Story = Callable[[Anything], None]


def in_bulk(tried: Anything, on: bool = True, bit: int = MONTHLY) -> None:
    tried.in_bulk_or_by_an_action(bit, on, RunKind.BULK, 0, "", 1)


def lifts(tried: Anything) -> None:
    """The first signs off, and somebody may switch it on again, and does."""
    tried.allows(True)
    signs_off(tried)
    tried.feed()
    tried.saves(0, MONTHLY, True, True, False, False, "", 1)


def signs_off(tried: Anything, bit: int = MONTHLY) -> None:
    ids = [each.external_id for each in tried.truth.records()]
    tried.signs_off(ids.index(tried.persons[0]), bit)


def saves_all_the_same(tried: Anything) -> None:
    signs_off(tried)
    tried.saves(0, MONTHLY, True, False, False, False, "", 1)


def after_an_undo(tried: Anything) -> None:
    lifts(tried)
    tried.is_undone(0, False, "", 1)
    in_bulk(tried)


def from_a_backup(tried: Anything) -> None:
    tried.is_backed_up()
    signs_off(tried)
    tried.feed()
    tried.is_put_back(False, "", 1)


def after_a_late_arrival(tried: Anything) -> None:
    """What arrives late is nobody's wish any more."""
    tried.allows(True)
    signs_off(tried)
    tried.feed()
    tried.saves(0, MONTHLY, True, True, False, False, "late", 1)
    tried.goes_on("", 1)
    signs_off(tried)
    tried.feed()
    tried.what_was_lost_arrives()
    tried.feed()
    in_bulk(tried, on=False)
    tried.saves(0, MONTHLY, True, False, False, False, "", 1)


def while_a_mapping_empties(tried: Anything) -> None:
    signs_off(tried)
    tried.has_another_mapping("", 1)


def after_an_erasure(tried: Anything) -> None:
    tried.is_erased(0, True)
    tried.saves(0, QUARTERLY, True, False, False, False, "", 1)


def right_before_an_erasure(tried: Anything) -> None:
    signs_off(tried)
    tried.is_erased(0, True)
    tried.may_be_linked_again()
    in_bulk(tried)


# What once stopped the machine, by a seed each: the model did not know that it may be.


def test_what_goes_off_right_before_a_write_may_come_back(
    machine: type[Anything], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seed 2004: where emptying a value takes away all permissions, they are sent again."""
    overtaken: list[bool] = []
    knows = Truth._was_overtaken

    def noticed(truth: Truth, id_: str, bit: int) -> bool:
        overtaken.append(knows(truth, id_, bit))
        return overtaken[-1]

    monkeypatch.setattr(Truth, "_was_overtaken", noticed)
    for call in range(1, 9):
        tried = machine()
        tried.begins("strict")
        tried.loses_a_value(0, "meanwhile", call)
    assert overtaken == [True]


def test_what_waits_goes_along_with_what_is_saved_next(machine: type[Anything]) -> None:
    """Seed 3002."""
    tried = machine()
    tried.begins("")
    tried.saves(1, QUARTERLY, True, False, False, False, "unreachable", 3)
    tried.saves(1, MONTHLY, False, False, False, False, "", 1)
    assert {each.on for each in tried.truth.shown.values()} == {
        frozenset({MONTHLY}), frozenset({QUARTERLY})
    }  # fmt: skip


def test_two_contacts_of_the_crm_may_be_one_record_and_both_start(machine: type[Anything]) -> None:
    """Seed 3004: one after the other; a person asked for each of them."""
    tried = machine()
    tried.begins("strict")
    for _ in range(2):
        tried.is_deleted_and_made_again(0, False)
        tried.saves(0, MONTHLY, True, False, True, True, "", 1)
    [record] = [each for each in tried.truth.records() if each.email == "a@x.example"]
    started = tried.world.sandbox.state.account.automations.of(record)
    assert len(started) == 2 and len({run.automation.id for run in started}) == 1


# What would be wrong is not allowed by the model: each of these rules can find something.


def kept_as_it_was(contact_id: str, was: Any, *rest: Any) -> Wanted:
    return Wanted(contact_id, rest[-1], permissions=dict(was.permissions))


def all_on(*_: Any, permissions: Mapping[int, bool], **rest: Any) -> Any:
    return ContactWrite(permissions=dict.fromkeys(permissions, True), **rest)


SABOTAGES: dict[str, tuple[Any, str, Any, Story]] = {
    "nothing bars": (consent, "_bar", lambda _act, _offs: None, saves_all_the_same),
    "an undo takes nothing back": (
        consent, "_counting", lambda acts: [each for each in acts if not each.takes_back],
        after_an_undo,
    ),
    "a backup has the last word": (restore, "wanted_by", kept_as_it_was, from_a_backup),
    "nothing of ours is late": (seen, "_writes_of_ours", lambda *_: {}, after_a_late_arrival),
    "to empty switches on": (written, "ContactWrite", all_on, while_a_mapping_empties),
    "nobody is erased": (erased, "find_erased", lambda *_: erased.NOBODY, after_an_erasure),
    "what an erasure meets is not noted": (
        there, "_note_sign_offs", lambda *_: None, right_before_an_erasure,
    ),
}  # fmt: skip


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_the_machine_notices(
    machine: type[Anything], monkeypatch: pytest.MonkeyPatch, sabotage: str
) -> None:
    place, name, other, story = SABOTAGES[sabotage]

    def tell() -> None:
        tried = machine()
        tried.begins("")
        story(tried)

    tell()
    monkeypatch.setattr(place, name, other)
    with pytest.raises(AssertionError, match=r"went on|is there again"):
        tell()
