"""Bulk mutations over the same contacts, one after the other; the modal between them; stopping."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from demo.crm.faults import Fault
from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Enrolment, EnrolmentState, Outcome, Run, RunState
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.contact.save import save_contact
from spotler_plugin.services.environment import find
from spotler_plugin.services.run.control import cancel_run
from spotler_plugin.services.run.items import Filter
from spotler_plugin.services.run.retry import retry_items
from spotler_plugin.services.sync.advance import advance_run
from tests.world.accounts import ALICE
from tests.world.mutation import AfterWriting, Meanwhile, finish, item_of, mutate, of_crm, patches
from tests.world.world import MONTHLY, World


def change(name: str, *, on: bool) -> Adjustment:
    return Adjustment(fields={"last_name": name}, switches={MONTHLY: Switch(on, "beurs")})


def cancel(run: Run) -> None:
    cancel_run(run.environment_id, run.id)
    db.session.commit()


def is_on(world: World, contact_id: str) -> bool:
    found = world.in_spotler(contact_id)
    return found is not None and found.permissions[MONTHLY]


def applied(run: Run) -> set[str]:
    acts = select(Act).where(Act.environment_id == run.environment_id, Act.run_id == run.id)
    return {act.contact_id for act in db.session.scalars(acts) if act.applied_at}


@pytest.mark.parametrize("newer_on", [True, False])
@pytest.mark.parametrize("newer_first", [True, False])
def test_two_mutations_in_any_order_end_as_the_newer_one_says(
    world: World, newer_on: bool, newer_first: bool
) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(3)]
    older = mutate(world, ids[:2], change("Eerst", on=not newer_on))
    newer = mutate(world, ids[1:], change("Later", on=newer_on))
    for run in (newer, older) if newer_first else (older, newer):
        while advance_run(run.id):
            pass
    finish(older)
    finish(newer)
    assert [of_crm(world, id_, "last_name") for id_ in ids] == ["Eerst", "Later", "Later"]
    # An older "off", of whomever, is not lifted by an act about many (rules.md rule 2).
    assert [is_on(world, id_) for id_ in ids] == [not newer_on, False, newer_on]
    detail = item_of(newer, ids[1]).detail
    assert (detail is not None and detail.signed_off == (MONTHLY,)) is newer_on


def test_the_newer_one_waits_for_the_older_per_contact(world: World) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(2)]
    older = mutate(world, ids[:1], change("Eerst", on=True))
    newer = mutate(world, ids, change("Later", on=True))
    assert not advance_run(newer.id)
    assert item_of(newer, ids[0]).outcome is Outcome.OPEN
    assert item_of(newer, ids[1]).outcome is Outcome.LINKED
    db.session.refresh(newer)
    assert newer.state is RunState.OPEN
    finish(older)
    assert finish(newer).updated == 1


def postpone(world: World, older: Run) -> None:
    world.crm.data.faults.add(Fault("503", calls=1, method="PATCH"))
    advance_run(older.id)


def halt(world: World, older: Run) -> None:
    world.crm.data.faults.add(Fault("401", calls=1, method="PATCH"))
    advance_run(older.id)


@pytest.mark.parametrize("hold_up", [postpone, halt])
def test_an_older_one_that_is_held_up_goes_first_all_the_same(
    world: World, hold_up: Callable[[World, Run], None]
) -> None:
    anna = world.person("anna@example.nl")
    older = mutate(world, [anna], change("Eerst", on=False))
    hold_up(world, older)
    newer = mutate(world, [anna], change("Later", on=True))
    assert not advance_run(newer.id)
    assert item_of(newer, anna).outcome is Outcome.OPEN
    assert of_crm(world, anna, "last_name") == "Bakker"
    # Until somebody stops it, or it goes on.
    cancel(older)
    finish(older)
    assert finish(newer).linked == 1
    assert of_crm(world, anna, "last_name") == "Later" and is_on(world, anna)
    # Tried again after the newer one, its act is the older one still.
    retry_items(older.environment_id, older.id, Filter(item=item_of(older, anna).id))
    db.session.commit()
    finish(older)
    assert is_on(world, anna)


@pytest.mark.parametrize("bulk_first", [True, False])
@pytest.mark.parametrize("modal_on", [True, False])
def test_a_save_in_the_modal_after_it_counts(
    world: World, bulk_first: bool, modal_on: bool
) -> None:
    anna = world.person("anna@example.nl")
    world.save(anna, {MONTHLY: not modal_on})
    bulk = mutate(world, [anna], change("Directeur", on=not modal_on))
    modal = world.ask(anna, {MONTHLY: modal_on})
    if bulk_first:
        finish(bulk)
    world.work(modal)
    finish(bulk)
    assert is_on(world, anna) is modal_on
    assert of_crm(world, anna, "last_name") == "Directeur"


def test_a_save_in_the_modal_while_the_crm_is_changed(world: World, app: Flask) -> None:
    anna = world.person("anna@example.nl")
    world.save(anna, {MONTHLY: True})
    run = mutate(world, [anna], change("Directeur", on=True))
    asked: list[UUID] = []

    def save() -> None:
        with app.app_context():
            owner = find("acme")
            assert owner is not None
            asked.append(
                save_contact(owner, anna, actor=ALICE, request_token=uuid4(),
                             permissions={MONTHLY: False}, automations=())
            )  # fmt: skip
            db.session.commit()

    world.crm.data.faults.add(Meanwhile("slow", method="PATCH", act=save))
    finish(run)
    world.work(asked[0])
    assert is_on(world, anna) is False
    assert applied(run) == set(), "what was asked later is not undone first"


def test_stopped_before_anything_nothing_is_done(world: World) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(2)]
    automation = world.automation("download e-book")
    run = mutate(world, ids, Adjustment(fields={"last_name": "Directeur"},
                                        switches={MONTHLY: Switch(True, "beurs")},
                                        automations=(automation,)))  # fmt: skip
    cancel(run)
    assert finish(run).cancelled == 2
    assert patches(world) == [] and applied(run) == set()
    assert of_crm(world, ids[0], "last_name") == "Bakker"
    states = select(Enrolment.state).where(Enrolment.environment_id == run.environment_id)
    assert set(db.session.scalars(states)) == {EnrolmentState.DROPPED}


@pytest.mark.parametrize("when", ["before", "after"])
def test_stopped_while_the_crm_was_changed_it_is_told(world: World, when: str) -> None:
    """The call was cut off: whether the CRM did it, nobody knows."""
    ids = [world.person(f"persoon{n}@example.nl") for n in range(3)]
    fault = Fault("drop", calls=1, method="PATCH", when="after" if when == "after" else "before")
    world.crm.data.faults.add(fault)
    run = mutate(world, ids, change("Directeur", on=True))
    advance_run(run.id)
    cancel(run)
    finish(run)
    assert (run.state, run.failed, run.cancelled) == (RunState.CANCELLED, 3, 0)
    assert {item_of(run, id_).reason for id_ in ids} == {Reason.STOPPED_IN_CRM}
    assert applied(run) == set() and world.in_spotler(ids[0]) is None

    # One is tried again: the others stay as they are.
    now = [of_crm(world, id_, "last_name") for id_ in ids]
    retry_items(run.environment_id, run.id, Filter(item=item_of(run, ids[0]).id))
    db.session.commit()
    finish(run)
    assert (run.linked, run.failed, applied(run)) == (1, 2, {ids[0]})
    assert [of_crm(world, id_, "last_name") for id_ in ids] == ["Directeur", *now[1:]]


def test_stopped_after_the_crm_and_before_spotler(world: World) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(2)]
    world.crm.data.contacts.lock(ids[1])
    world.crm.data.faults.add(AfterWriting("503", calls=1, method="GET", path="/contacts"))
    run = mutate(world, ids, change("Directeur", on=True))
    advance_run(run.id)
    cancel(run)
    finish(run)
    assert of_crm(world, ids[0], "last_name") == "Directeur"
    assert item_of(run, ids[0]).reason is Reason.STOPPED_IN_CRM
    assert item_of(run, ids[1]).outcome is Outcome.CANCELLED, "the CRM had said no"
    assert world.in_spotler(ids[0]) is None
    retry_items(run.environment_id, run.id, Filter())
    db.session.commit()
    assert finish(run).linked == 1
    assert len(patches(world)) == 1, "that is done already"


def test_stopped_while_it_is_at_work_what_was_written_stays(world: World, app: Flask) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(120)]
    run = mutate(world, ids, change("Directeur", on=True))
    owner_id, run_id = run.environment_id, run.id

    def stop() -> None:
        with app.app_context():
            cancel_run(owner_id, run_id)
            db.session.commit()

    world.crm.data.faults.add(Meanwhile("slow", method="PATCH", act=stop))
    finish(run)
    done = {id_ for id_ in ids if of_crm(world, id_, "last_name") == "Directeur"}
    assert (run.linked, run.cancelled, len(done)) == (100, 20, 100)
    assert applied(run) == done == {id_ for id_ in ids if is_on(world, id_)}
