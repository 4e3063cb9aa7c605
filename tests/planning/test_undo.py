"""Taking back: before is after, nobody is on who was off, and what others did is left alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.planning.block import Terms
from spotler_plugin.planning.consent import Consent, Switching, decide
from spotler_plugin.planning.detail import Since
from spotler_plugin.planning.image import Earlier, Image
from spotler_plugin.planning.plan import Change, ChangeKind, plan
from spotler_plugin.planning.state import Observed, Wanted
from spotler_plugin.planning.undo.earlier import settle_all, switched_on
from spotler_plugin.planning.undo.patch import Patch, back
from spotler_plugin.planning.values.types import PropertyType

ZOE = "zoe@example.nl"
TYPES = {
    "city": PropertyType.STRING,
    "functie": PropertyType.STRING,
    "interests": PropertyType.SET,
    "email": PropertyType.EMAIL,
}
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)

values = st.fixed_dictionaries(
    {},
    optional={
        "city": st.sampled_from(["Delft", "Gouda"]),
        "functie": st.sampled_from(["Inkoper", "Directeur"]),
        "interests": st.dictionaries(st.sampled_from(["1", "2", "4"]), st.booleans()),
    },
)
bits = st.dictionaries(st.sampled_from([1, 2, 4]), st.booleans())


def run(wanted: Wanted, had: Observed) -> tuple[Change, Observed]:
    """The change of a run that wants this, and what Spotler has afterwards."""
    change = plan(wanted, had, Terms(adds=False), TYPES)
    if not change.writes:
        return change, had
    kept = {name: value for name, value in had.properties.items() if name not in change.clears}
    on = {**had.permissions, **change.permissions}
    return change, Observed("zoe", True, on, {**kept, **change.sets})


def undo(change: Change, now: Observed, *, overrides: bool = False) -> tuple[Change, Observed]:
    earlier = Earlier(change.before or Image(external_id="zoe"), change.after, overrides)
    wanted = Wanted("zoe", ZOE, earlier=earlier,
                    permissions=dict.fromkeys(switched_on(earlier), False))  # fmt: skip
    settled = settle_all({"zoe": wanted}, {"zoe": now}, TYPES)["zoe"]
    return run(settled, now)


def plain(state: Observed) -> dict[str, Any]:
    """Values by meaning: of a set what is on; empty is missing."""
    shown = dict(state.properties)
    on = {bit for bit, enabled in dict(shown.pop("interests", None) or {}).items() if enabled}
    return {**shown, "interests": on}


def wants(asked: dict[str, Any], permissions: dict[int, bool]) -> Wanted:
    sets = {int(bit): on for bit, on in asked.get("interests", {}).items()}
    more = {"interests": sets} if "interests" in asked else {}
    return Wanted("zoe", ZOE, {**asked, **more}, permissions=permissions)


@given(had=values, asked=values, gone=st.sets(st.sampled_from(["city", "functie"])), was=bits,
       switched=bits)  # fmt: skip
def test_before_is_after_and_nobody_is_on_who_was_off(
    had: dict[str, Any], asked: dict[str, Any], gone: set[str], was: dict[int, bool],
    switched: dict[int, bool],
) -> None:  # fmt: skip
    before = Observed("zoe", True, was, {"email": ZOE, **had})
    change, then = run(wants({**asked, **dict.fromkeys(gone)}, switched), before)
    taken, after = undo(change, then)
    assert plain(after) == plain(before)
    assert after.on == before.on & then.on, "off again, and never on"
    assert not taken.detail.since
    assert set(taken.detail.stays_off) == before.on - then.on
    again, still = undo(change, after)
    assert plain(still) == plain(after) and not again.writes, "twice is once"


@given(had=values, asked=values, others=values, was=bits, switched=bits, toggled=bits)
def test_what_others_did_since_is_left_alone_and_told(
    had: dict[str, Any], asked: dict[str, Any], others: dict[str, Any], was: dict[int, bool],
    switched: dict[int, bool], toggled: dict[int, bool],
) -> None:  # fmt: skip
    before = Observed("zoe", True, was, {"email": ZOE, **had})
    change, then = run(wants(asked, switched), before)
    now = Observed("zoe", True, {**then.permissions, **toggled}, {**then.properties, **others})
    taken, after = undo(change, now)
    assert after.on <= now.on
    for name in ("city", "functie"):
        ours = change.after.properties.get(name)
        changed = change.before is not None and name in change.before.properties
        if not changed or now.properties.get(name) != ours:
            assert after.properties.get(name) == now.properties.get(name)
        told = [each.name for each in taken.detail.since]
        theirs = now.properties.get(name) not in (ours, before.properties.get(name))
        assert (name in told) == (changed and theirs)
    _, overridden = undo(change, now, overrides=True)
    assert overridden.on <= now.on
    if change.before is not None:
        for name in change.before.properties.keys() & {"city", "functie"}:
            assert overridden.properties.get(name) == before.properties.get(name)


def test_who_was_created_keeps_its_values() -> None:
    image = Image(existed=False, properties={"city": None}, permissions={1: False})
    earlier = Earlier(image, Image(properties={"city": "Delft"}, permissions={1: True}))
    now = Observed("zoe", True, {1: True}, {"email": ZOE, "city": "Delft"})
    wanted = Wanted("zoe", None, earlier=earlier, permissions={1: False})
    change, after = run(settle_all({"zoe": wanted}, {"zoe": now}, TYPES)["zoe"], now)
    assert change.kind is ChangeKind.UPDATE and change.detail.stays_linked
    assert after.properties == now.properties and after.permissions == {1: False}


@given(st.builds(Consent, bits), st.frozensets(st.sampled_from([1, 2, 4])))
def test_no_verdict_lets_an_undo_switch_anything_on(verdict: Consent, on: frozenset[int]) -> None:
    wanted = Wanted("zoe", ZOE, earlier=Earlier(Image(), Image()),
                    permissions=dict.fromkeys(on, False))  # fmt: skip
    judged = wanted.judged(verdict)
    assert not any(judged.permissions.values()) and judged.permissions.keys() <= on


moments = st.integers(0, 9).map(lambda minutes: NOON + timedelta(minutes=minutes))
switchings = st.builds(
    Switching, bit=st.just(1), enabled=st.booleans(), at=moments, personal=st.booleans(),
    pending=st.booleans(),
)  # fmt: skip


@given(asked=st.lists(switchings), history=st.lists(switchings), at=moments)
def test_an_act_that_takes_back_lifts_no_sign_off(
    asked: list[Switching], history: list[Switching], at: datetime
) -> None:
    taken = Switching(1, False, at, takes_back=True)
    without, then = decide(asked, history), decide(asked, [*history, taken])
    on = {bit for bit, enabled in then.permissions.items() if enabled}
    assert on <= {bit for bit, enabled in without.permissions.items() if enabled}


def test_what_was_taken_back_can_be_done_again_unless_it_was_signed_off_before() -> None:
    def at(minute: int, enabled: bool, **more: Any) -> Switching:
        return Switching(1, enabled, NOON + timedelta(minutes=minute), **more)

    history = [at(1, True), at(2, False, takes_back=True)]
    assert decide([at(3, True)], history).permissions == {1: True}
    assert decide([at(2, True)], history).permissions == {}, "that came late"
    lifted = [at(0, False), at(1, True, personal=True), at(2, False, takes_back=True)]
    assert decide([at(3, True)], lifted).signed_off == {1}


def test_in_the_crm_keywords_go_one_by_one() -> None:
    patch = Patch(
        {"keywords": ["klant"], "note": None}, {"keywords": ["klant", "vip"], "note": "x"}
    )
    found = back(patch, {"keywords": ["klant", "vip", "zorg"], "note": " x "}, overrides=False)
    assert found.changes == {"keywords": ["klant", "zorg"], "note": None} and not found.since
    replaced = Patch({"keywords": ["klant"]}, {"keywords": ["vip"]})
    assert back(replaced, {"keywords": ["vip"]}, overrides=False).changes["keywords"] == ["klant"]


def test_in_the_crm_what_others_wrote_stays() -> None:
    patch = Patch({"note": "oud"}, {"note": "nieuw"})
    found = back(patch, {"note": "van een ander"}, overrides=False)
    assert not found.changes
    assert found.since == (Since("note", "nieuw", "van een ander", in_crm=True),)
    assert back(patch, {"note": "van een ander"}, overrides=True).changes == {"note": "oud"}
    assert not back(patch, {"note": "oud"}, overrides=False).since
    assert not back(patch, {}, overrides=True).changes, "a field that the CRM no longer has"
