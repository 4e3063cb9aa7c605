"""Pages of contacts in the mirror: the same rules for one as for a thousand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    Environment,
    MirrorContact,
    Outcome,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.plan import Change, ChangeKind
from spotler_plugin.services.mirror.read import find_mirrored, find_mirrored_by_address
from spotler_plugin.services.mirror.record import record_contacts
from spotler_plugin.services.mirror.write import record_writes
from spotler_plugin.services.run.create import create_run
from spotler_plugin.spotler import Contact
from tests.statements import statements

NOW = datetime.now(UTC)
EARLIER, LATER = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


def contact(encrypted_id: str, external_id: str | None, **changed: Any) -> Contact:
    values: dict[str, Any] = {
        "active": True,
        "permissions": {},
        "properties": {"email": f"{encrypted_id}@example.nl"},
        "created": None,
        "last_changed": None,
        "test_group": False,
        "temporary": False,
    }
    return Contact(external_id, encrypted_id, **(values | changed))


def record(environment: Environment, *contacts: Contact, at: datetime = NOW) -> set[str]:
    recorded = record_contacts(environment.id, contacts, at)
    db.session.commit()
    return recorded.lost


def rows(environment: Environment) -> dict[str | None, str | None]:
    """External id by encrypted id."""
    db.session.expire_all()
    return {
        row.encrypted_id: row.external_id
        for row in db.session.scalars(
            select(MirrorContact).where(MirrorContact.environment_id == environment.id)
        )
    }


def test_a_page_is_kept_and_kept_again(environment: Environment) -> None:
    page = [contact("e1", "1"), contact("e2", None), contact("e3", "3", active=False)]
    record(environment, *page)
    assert record(environment, *page) == set()
    assert rows(environment) == {"e1": "1", "e2": None, "e3": "3"}
    assert not find_mirrored(environment.id, ["3"])["3"].active


def test_ids_change_places(environment: Environment) -> None:
    record(environment, contact("e1", "1"), contact("e2", "2"), contact("e3", "3"))
    swapped = [contact("e1", "2"), contact("e2", "1")]
    assert record(environment, *swapped) == set()
    assert rows(environment) == {"e1": "2", "e2": "1", "e3": "3"}


def test_an_id_moves_to_a_contact_that_is_new(environment: Environment) -> None:
    record(environment, contact("e1", "1"))
    assert record(environment, contact("e9", "1")) == set()
    assert rows(environment) == {"e1": None, "e9": "1"}


def test_an_id_that_nobody_has_any_more_is_told(environment: Environment) -> None:
    record(environment, contact("e1", "1"), contact("e2", "2"))
    assert record(environment, contact("e1", None), contact("e2", "7")) == {"1", "2"}
    assert rows(environment) == {"e1": None, "e2": "7"}


def test_the_last_of_two_in_a_page_counts(environment: Environment) -> None:
    record(environment, contact("e1", "1"), contact("e2", "1"), contact("e1", "3"))
    assert rows(environment) == {"e1": "3", "e2": "1"}


SENT = Image(permissions={1: False, 2: False})


def sent_off(
    environment: Environment,
    contact_id: str,
    bit: int,
    *,
    state: RunState = RunState.OPEN,
    outcome: Outcome = Outcome.OPEN,
    after: Image | None = SENT,
) -> Act:
    """A person switched it off; the write, if it left (`after`), has not come to an end."""
    run, _ = create_run(
        environment.id,
        [contact_id],
        kind=RunKind.CONTACT,
        source=Source.MODAL,
        actor=None,
        request_token=uuid4(),
    )
    run.state = state
    db.session.execute(
        update(RunItem)
        .where(RunItem.environment_id == environment.id, RunItem.run_id == run.id)
        .values(outcome=outcome, after=after)
    )
    act = Act(
        environment_id=environment.id,
        contact_id=contact_id,
        bit=bit,
        enabled=False,
        at=NOW,
        source=Source.MODAL,
        run_id=run.id,
    )
    db.session.add(act)
    db.session.commit()
    return act


def written(environment: Environment, contact_id: str) -> None:
    change = Change(ChangeKind.LINK, sets={"email": "New@example.nl"}, permissions={1: True})
    record_writes(environment.id, {contact_id: change})
    db.session.commit()


def test_what_we_wrote_and_never_read_is_adopted(environment: Environment) -> None:
    written(environment, "1")
    record(environment, contact("e1", "1", permissions={1: True}), at=LATER)
    assert rows(environment) == {"e1": "1"}


def test_what_we_wrote_gives_way_to_a_contact_that_is_known(environment: Environment) -> None:
    record(environment, contact("e1", None), at=EARLIER)
    written(environment, "1")
    record(environment, contact("e1", "1"), at=LATER)
    assert rows(environment) == {"e1": "1"}


def test_what_we_wrote_after_the_page_was_read_stays(environment: Environment) -> None:
    record(environment, contact("e1", None), at=EARLIER)
    written(environment, "1")
    record(environment, contact("e1", "1", permissions={1: False}), at=EARLIER)
    row = find_mirrored(environment.id, ["1"])["1"]
    assert row.address == "new@example.nl" and row.permissions == {1: True}
    assert db.session.scalars(select(Act)).all() == []


def test_sign_offs_are_noted_but_for_our_own(environment: Environment) -> None:
    on = {1: True, 2: True, 3: False}
    record(environment, contact("e1", "1", permissions=on), contact("e2", "2", permissions=on))
    record(environment, contact("e3", None, permissions=on))
    own = sent_off(environment, "1", 2, after=Image(permissions={2: False}))
    off = {1: False, 2: False, 3: False}
    record(
        environment,
        contact("e1", "1", permissions=off, last_changed=NOW + timedelta(microseconds=1)),
        contact("e2", "2", permissions={1: True}),
        contact("e3", None, permissions=off),
        at=LATER,
    )
    noted = db.session.scalars(select(Act).where(Act.source == Source.SPOTLER)).all()
    assert {(act.contact_id, act.bit) for act in noted} == {("1", 1), ("~e3", 1), ("~e3", 2)}
    assert {act.at for act in noted if act.contact_id == "1"} == {NOW + timedelta(microseconds=1)}
    db.session.refresh(own)
    assert own.applied_at is not None, "it is how we hear that it took effect"


@pytest.mark.parametrize("state", [RunState.FINISHED, RunState.CANCELLED])
@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.FAILED, Outcome.CANCELLED])
def test_an_act_of_ours_that_is_over_explains_no_sign_off(
    environment: Environment, state: RunState, outcome: Outcome
) -> None:
    record(environment, contact("e1", "1", permissions={1: True}))
    sent_off(environment, "1", 1, state=state, outcome=outcome)
    record(environment, contact("e1", "1", permissions={1: False}), at=LATER)
    assert db.session.scalars(select(Act.bit).where(Act.source == Source.SPOTLER)).all() == [1]


@pytest.mark.parametrize("after", [None, Image(), Image(permissions={2: False, 1: True})])
def test_an_act_of_ours_that_never_left_explains_no_sign_off(
    environment: Environment, after: Image | None
) -> None:
    record(environment, contact("e1", "1", permissions={1: True}))
    sent_off(environment, "1", 1, after=after)
    record(environment, contact("e1", "1", permissions={1: False}), at=LATER)
    assert db.session.scalars(select(Act.bit).where(Act.source == Source.SPOTLER)).all() == [1]


def test_environments_do_not_see_each_other(
    environment: Environment, other_environment: Environment
) -> None:
    record(environment, contact("e1", "1"))
    assert record(other_environment, contact("e1", "2"), contact("e2", "1")) == set()
    assert rows(environment) == {"e1": "1"}
    assert rows(other_environment) == {"e1": "2", "e2": "1"}


@pytest.mark.parametrize("again", [False, True])
def test_a_page_takes_a_few_statements(environment: Environment, again: bool) -> None:
    page = [contact(f"e{number}", f"{number}") for number in range(1000)]
    if again:
        record(environment, *page)
    with statements() as seen:
        record(environment, *page, at=LATER)
    # Lock, look whether the account is still the same and who was erased, load, store.
    assert len(seen) <= 5
    assert len(rows(environment)) == 1000


def test_of_several_with_an_address_the_one_that_belongs_to_somebody_comes_first(
    environment: Environment,
) -> None:
    same = {"properties": {"email": "Same@example.nl"}}
    record(environment, contact("e1", None, **same), contact("e2", "2", **same))
    record(environment, contact("e3", None, **same))
    asked = {"zoe": "SAME@example.nl", "nobody": "nobody@example.nl"}
    found = find_mirrored_by_address(environment.id, asked)
    assert {contact_id: state.external_id for contact_id, state in found.items()} == {"zoe": "2"}


def test_of_several_with_an_address_the_strictest_counts(environment: Environment) -> None:
    same: dict[str, Any] = {"properties": {"email": "same@example.nl"}}
    off = contact("e1", None, active=False, permissions={1: False}, **same)
    on = contact("e2", None, permissions={1: True}, **same)
    for several in ([off, on], [on, off]):
        record(environment, *several, at=LATER)
        found = find_mirrored_by_address(environment.id, {"zoe": "same@example.nl"})["zoe"]
        assert not found.active
        assert found.permissions == {1: False} and found.contested == {1}
        db.session.execute(
            delete(MirrorContact).where(MirrorContact.environment_id == environment.id)
        )
        db.session.commit()


def test_who_else_has_an_address_is_not_the_contact_itself(environment: Environment) -> None:
    record(environment, contact("e1", "zoe", properties={"email": "zoe@example.nl"}))
    assert find_mirrored_by_address(environment.id, {"zoe": "zoe@example.nl"}) == {}
