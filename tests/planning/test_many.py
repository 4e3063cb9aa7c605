"""Several contacts through one mapping: it comes to rest, nothing is mixed up, nothing goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.planning import proposal
from spotler_plugin.planning.block import Terms
from spotler_plugin.planning.mapping import Field, Property, Row, desired
from spotler_plugin.planning.plan import Change, ChangeKind, plan
from spotler_plugin.planning.state import Observed, Wanted
from spotler_plugin.planning.tally import Tally
from spotler_plugin.planning.values.sets import Entry, bits_of, on_in
from spotler_plugin.planning.values.types import FieldType, PropertyType, compatible

FIELDS = [
    Field("contact" if n % 3 else "relation", f"f{n}", f"Field {n}", type_, (("nl", "Nederlands"),))
    for n, type_ in enumerate(FieldType)
]
PROPERTIES = [Property("email", "E-mail", PropertyType.EMAIL)] + [
    Property(
        f"p{n}",
        f"Property {n}",
        type_,
        (Entry(1, "nl"), Entry(2**40, "V")) if type_ is PropertyType.SET else (),
    )
    for n, type_ in enumerate(PropertyType)
]
TYPES = {each.name: each.type for each in PROPERTIES}
BITS = st.sampled_from([1, 2, 4])

values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.lists(st.text(max_size=4) | st.sampled_from(["nl", "v "]), max_size=2)
    | st.dictionaries(st.sampled_from(["1", "2", str(2**40)]), st.booleans())
    | st.sampled_from(
        ["3011 AB", "B-2000", "2024-02-29", "V", "nl", "0612345678", "zoe@example.nl"]
    )
)


@st.composite
def mappings(draw: st.DrawFn) -> list[Row]:
    """Any mapping that can be saved: what fits, and no two onto one."""
    chosen: dict[proposal.Key, str] = {}
    for property in PROPERTIES[1:]:
        fit = [
            field
            for field in FIELDS
            if compatible(field.type, property.type) and (field.entity, field.name) not in chosen
        ]
        field = draw(st.none() | st.sampled_from(fit)) if fit else None
        if field is not None:
            chosen[field.entity, field.name] = property.name
    assert proposal.problems(chosen, {}, FIELDS, PROPERTIES) == {}
    return proposal.rows(chosen, FIELDS, PROPERTIES)


@dataclass
class Person:
    """What the CRM, the acts and Spotler say of one contact."""

    fields: Mapping[str, Any]
    relation: Mapping[str, Any]
    address: str | None
    acts: Mapping[int, bool]
    known: Observed | None
    active: bool


def bags(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.sampled_from(names), values, max_size=8)


@st.composite
def crowds(draw: st.DrawFn) -> dict[str, Person]:
    """Up to four contacts, whose ids Spotler knows or not."""
    found = {}
    for contact_id in ["a", "b", "c", "d"][: draw(st.integers(1, 4))]:
        known = st.none() | st.builds(
            Observed,
            external_id=st.sampled_from([contact_id, contact_id, None]),
            active=st.sampled_from([True, True, True, False]),
            permissions=st.dictionaries(BITS, st.booleans()),
            properties=bags([each.name for each in PROPERTIES]),
        )
        found[contact_id] = draw(
            st.builds(
                Person,
                fields=bags([f.name for f in FIELDS if f.entity == "contact"]),
                relation=bags([f.name for f in FIELDS if f.entity == "relation"]),
                address=st.sampled_from([f"{contact_id}@example.nl", f"{contact_id}@x.nl", None]),
                acts=st.dictionaries(BITS, st.booleans()),
                known=known,
                active=st.booleans(),
            )
        )
    return found


def planned(
    crowd: Mapping[str, Person],
    rows: list[Row],
    terms: Terms,
    spotler: Mapping[str, Observed],
    is_first: Mapping[str, bool] = MappingProxyType({}),
) -> dict[str, Change]:
    changes = {}
    for contact_id, person in crowd.items():
        state = desired(person.fields, person.relation, rows)
        wanted = Wanted(
            contact_id, person.address, state.values, tuple(state.refusals), person.acts,
            active=person.active,
        )  # fmt: skip
        allowed = replace(terms, is_first=is_first.get(contact_id, False))
        changes[contact_id] = plan(wanted, spotler.get(contact_id), allowed, TYPES)
    return changes


def carried_out(
    changes: Mapping[str, Change], spotler: Mapping[str, Observed]
) -> dict[str, Observed]:
    """What Spotler has after taking all of it."""
    after = dict(spotler)
    for contact_id, change in changes.items():
        if change.writes:
            before = spotler.get(contact_id) or Observed(None, True, {}, {})
            kept = {k: v for k, v in before.properties.items() if k not in change.clears}
            after[contact_id] = Observed(
                contact_id,
                True,
                {**before.permissions, **change.permissions},
                {**kept, **change.sets, **_as_written(before, change)},
            )
    return after


def _as_written(before: Observed, change: Change) -> dict[str, dict[int, bool]]:
    """The sets, of which only some bits are sent."""
    had = before.properties
    return {name: {**bits_of(had.get(name)), **bits} for name, bits in change.bits.items()}


def known_of(crowd: Mapping[str, Person]) -> dict[str, Observed]:
    return {id_: person.known for id_, person in crowd.items() if person.known is not None}


@given(crowds(), mappings(), st.booleans())
def test_carried_out_it_comes_to_rest(
    crowd: dict[str, Person], rows: list[Row], adds: bool
) -> None:
    terms = Terms(adds=adds)
    first = planned(crowd, rows, terms, known_of(crowd))
    after = carried_out(first, known_of(crowd))
    is_first = {id_: change.kind is ChangeKind.LINK for id_, change in first.items()}
    again = planned(crowd, rows, terms, after, is_first)
    assert {change.kind for change in again.values()} <= {ChangeKind.UNCHANGED, ChangeKind.BLOCKED}
    for contact_id, change in first.items():
        rest = ChangeKind.UNCHANGED if change.writes else change.kind
        assert again[contact_id].kind is rest


@given(crowds(), mappings())
def test_nobodys_value_lands_on_another(crowd: dict[str, Person], rows: list[Row]) -> None:
    together = carried_out(planned(crowd, rows, Terms(), known_of(crowd)), known_of(crowd))
    for contact_id, person in crowd.items():
        alone = {contact_id: person}
        own = carried_out(planned(alone, rows, Terms(), known_of(alone)), known_of(alone))
        assert together.get(contact_id) == own.get(contact_id)
        if contact_id in own and own[contact_id].external_id == contact_id:
            before = person.known.properties if person.known else {}
            allowed = desired(person.fields, person.relation, rows).values
            for name, value in own[contact_id].properties.items():
                if TYPES[name] is PropertyType.SET:
                    assert on_in(value) <= on_in(before.get(name)) | on_in(allowed.get(name))
                    continue
                assert value in (before.get(name), allowed.get(name), person.address)


@given(crowds(), mappings(), st.booleans())
def test_no_permission_goes_on_without_an_act(
    crowd: dict[str, Person], rows: list[Row], adds: bool
) -> None:
    changes = planned(crowd, rows, Terms(adds=adds), known_of(crowd))
    for contact_id, change in changes.items():
        on = {bit for bit, enabled in change.permissions.items() if enabled}
        assert on <= {bit for bit, enabled in crowd[contact_id].acts.items() if enabled}
        assert not (change.permissions and not change.writes)


@given(crowds(), mappings(), st.booleans())
def test_the_tally_counts_everybody_once(
    crowd: dict[str, Person], rows: list[Row], adds: bool
) -> None:
    changes = planned(crowd, rows, Terms(adds=adds), known_of(crowd))
    tally = Tally()
    tally.take(changes.values())
    assert tally.total == len(crowd)
    assert tally.blocked == sum(tally.blocked_by.values())
    assert tally.written == sum(change.writes for change in changes.values())
    assert tally.emptied <= tally.written
    assert max(tally.emptied_by.values(), default=0) <= tally.emptied
    assert (tally.calls == 0) is (tally.written == 0)


@given(crowds(), mappings())
def test_a_first_link_empties_nothing(crowd: dict[str, Person], rows: list[Row]) -> None:
    before = known_of(crowd)
    changes = planned(crowd, rows, Terms(), before)
    links = {id_: change for id_, change in changes.items() if change.kind is ChangeKind.LINK}
    after = carried_out(links, before)
    for contact_id, change in links.items():
        had = before[contact_id].properties if contact_id in before else {}
        assert {name for name, value in had.items() if value is not None} <= {
            *after[contact_id].properties
        }
        assert change.before is not None
        assert not set(change.detail.kept) & {*change.sets, *change.before.properties}
    tally = Tally()
    tally.take(links.values())
    assert tally.emptied_by == {}
    assert tally.calls == bool(links)
