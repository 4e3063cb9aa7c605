"""Bulk mutations saved and carried out by two at once: one run, one change, one start."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Enrolment, Link, Preview, Run, RunItem, SelectionContact
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.services.environment import find
from spotler_plugin.services.mutation import find_mutation, preview_mutation
from spotler_plugin.services.preview.approve import confirm_preview
from spotler_plugin.services.run.due import overdue_runs
from spotler_plugin.services.selection import find_selection, read_selection
from spotler_plugin.services.sync.advance import advance_run
from tests.two import PATIENCE, Two
from tests.world.accounts import ALICE
from tests.world.mutation import (
    Meanwhile,
    finish,
    foreseen,
    item_of,
    later,
    mutate,
    of_crm,
    patches,
    sent_to_crm,
    version_of,
    worked_out,
)
from tests.world.world import MONTHLY, World

CHIEF = Adjustment(fields={"last_name": "Directeur"}, switches={MONTHLY: Switch(True, "beurs")})


def count(world: World, model: Any) -> int:
    found = select(func.count()).select_from(model)
    return db.session.scalar(found.where(model.environment_id == world.environment.id)) or 0


def save(preview_id: UUID, crm_id: str) -> UUID | None:
    """Opslaan, in a session of its own that has read the preview already."""
    owner = find("acme")
    assert owner is not None
    row = find_mutation(owner.id, preview_id, crm_id)
    assert row is not None
    return confirm_preview(owner, row.id, ALICE, None)


def two_plans(world: World, ids: list[str]) -> tuple[Preview, Preview, str]:
    """Of one selection, as two tabs have them."""
    first = foreseen(world, ids, CHIEF)
    assert first.selection is not None
    crm_id = first.selection.crm_id
    other = preview_mutation(world.environment, crm_id, Adjustment(), ALICE)
    db.session.commit()
    return first, worked_out(other), crm_id


@pytest.mark.parametrize("same", [True, False], ids=["double click", "two tabs"])
def test_saved_twice_at_once_it_is_one_run(world: World, two: Two, same: bool) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(3)]
    first, second, crm_id = two_plans(world, ids)
    one, other = first.id, first.id if same else second.id
    results = two.at_once(lambda: save(one, crm_id), lambda: save(other, crm_id))
    assert results[0] == results[1] is not None
    assert (count(world, Run), count(world, RunItem), count(world, Act)) == (1, 3, 3)


def test_saved_by_many_browsers_at_once_it_is_one_run(world: World, two: Two, app: Flask) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(3)]
    first, second, crm_id = two_plans(world, ids)
    choices, barrier = (first.id, second.id), Barrier(6)

    def press(number: int) -> UUID | None:
        with app.app_context():
            barrier.wait(PATIENCE)
            saved = save(choices[number % 2], crm_id)
            db.session.commit()
            return saved

    with ThreadPoolExecutor(6) as threads:
        results = set(threads.map(press, range(6)))
    assert len(results) == 1 and None not in results
    assert (count(world, Run), count(world, RunItem)) == (1, 3)
    assert count(world, Act) in (0, 3), "what the first one asked, once"


def test_a_run_whose_browser_never_enqueued_it_is_found(world: World) -> None:
    """The web process is killed after its commit, and before it told the queue."""
    row = foreseen(world, [world.person("anna@example.nl")], CHIEF)
    assert row.selection is not None
    run_id = save(row.id, row.selection.crm_id)
    db.session.rollback()
    assert count(world, Run) == 0, "killed before the commit: nothing happened"
    run_id = save(row.id, row.selection.crm_id)
    db.session.commit()
    assert overdue_runs() == [run_id]


def test_a_selection_is_read_by_one_worker(world: World, two: Two, app: Flask) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(3)]
    crm_id = world.crm.data.selections.add(ids, "u-devries").id
    row = preview_mutation(world.environment, crm_id, CHIEF, ALICE)
    db.session.commit()
    assert row.selection_id is not None
    selection_id, seen = row.selection_id, []

    def other() -> None:
        with app.app_context():
            owner = find("acme")
            assert owner is not None
            seen.append(read_selection(owner, selection_id))

    world.crm.data.faults.add(Meanwhile("slow", path="/selections", act=other))
    assert read_selection(world.environment, selection_id)
    assert seen == [False], "another one is at it"
    found = find_selection(world.environment.id, selection_id)
    assert found is not None and found.found == 3 == count(world, SelectionContact)


def test_two_workers_at_one_run(world: World, two: Two) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(150)]
    version = version_of(world, ids[-1])
    automation = world.automation("download e-book")
    run = mutate(world, ids, Adjustment(
        fields=CHIEF.fields, switches=CHIEF.switches, automations=(automation,)
    ))  # fmt: skip
    run_id = run.id

    def work() -> None:
        while advance_run(run_id):
            pass

    with ThreadPoolExecutor() as threads:
        for each in [two.begin(threads, work), two.begin(threads, work)]:
            each.result(60)
    assert finish(run).linked == 150
    sent = [id_ for call in patches(world) for id_ in sent_to_crm(call)]
    assert sorted(sent) == sorted(ids), "each once"
    assert sorted(version_of(world, id_) for id_ in ids) == [version + n for n in range(1, 151)]
    assert world.control("GET", "/enrolments")["total"] == 150 == count(world, Enrolment)


def test_a_call_whose_contacts_two_workers_have(world: World, two: Two, app: Flask) -> None:
    """Its worker died; one of its contacts was busy when another repeated the call."""
    ids = [world.person(f"persoon{n}@example.nl") for n in range(4)]
    world.crm.data.contacts.lock(ids[0])
    run = mutate(world, ids, CHIEF)
    keep_key(run)
    run_id = run.id
    link = select(Link).where(Link.contact_id == ids[0])
    db.session.scalars(link).one().lease = run_id
    db.session.scalars(link).one().leased_until = func.now() + func.make_interval(0, 0, 0, 0, 1)
    db.session.commit()

    def other() -> None:
        """It is free by now, and a second worker begins with it while the call is under way."""
        later()
        with app.app_context():
            advance_run(run_id)

    world.crm.data.faults.add(Meanwhile("slow", method="GET", path="/contacts", act=other))
    finish(run)
    assert (run.linked, run.blocked) == (3, 1)
    assert item_of(run, ids[0]).detail is not None
    assert [of_crm(world, id_, "last_name") for id_ in ids] == ["Bakker"] + ["Directeur"] * 3


def keep_key(run: Run) -> None:
    """As a worker leaves them that died right before its call."""
    for item in db.session.scalars(select(RunItem).where(RunItem.run_id == run.id)):
        item.patch_key = run.id
    db.session.commit()
