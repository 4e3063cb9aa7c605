"""A selection of the CRM is used when its numbers agree, and by nobody else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import responses
from sqlalchemy import func, select

from demo.crm.faults import Fault, Kind
from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Preview,
    PreviewState,
    Run,
    RunState,
    Selection,
    SelectionContact,
    SelectionState,
)
from spotler_plugin.planning.adjustment import NO_ADJUSTMENT
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.environment import find
from spotler_plugin.services.mutation import find_mutation, find_saved, preview_mutation
from spotler_plugin.services.preview.approve import NotReady, confirm_preview
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.preview.request import cancel_preview
from spotler_plugin.services.selection import find_selection, open_selection, read_selection
from tests.world.accounts import ALICE, environment_of
from tests.world.mutation import finish, foreseen, later, saved, worked_out
from tests.world.world import World

Pages = list[tuple[int, list[Any], str | None]]
"""Of each page: the total, the ids, and the cursor of the next one."""


def ids(start: int, end: int) -> list[str]:
    return [f"p{number}" for number in range(start, end)]


def serve(
    world: World,
    wire: responses.RequestsMock,
    pages: Pages,
    meanwhile: Callable[[int], None] = lambda page: None,
) -> None:
    """Let the CRM answer so, page by page; everything else is as it is."""
    wire.add_passthru(world.sandbox.url)
    wire.add_passthru(f"{world.crm.api_url}/contacts")

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        asked = parse_qs(urlsplit(request.url).query).get("after", ["0"])[0]
        total, given, following = pages[int(asked)]
        meanwhile(int(asked))
        body = json.dumps({"total": total, "ids": given, "next": following})
        return 200, {}, body

    wire.add_callback("GET", f"{world.crm.api_url}/selections/sel_x", callback=answer)


def ask(world: World) -> Preview:
    row = preview_mutation(world.environment, "sel_x", NO_ADJUSTMENT, ALICE)
    db.session.commit()
    return worked_out(row)


UNEVEN: dict[str, tuple[Pages, int, int]] = {
    "too few": ([(500, ids(0, 300), "1"), (500, ids(300, 480), None)], 500, 480),
    "none": ([(500, [], None)], 500, 0),
    "too many": ([(2, ids(0, 3), None)], 2, 3),
    "the same page again": ([(500, ids(0, 250), "1"), (500, ids(0, 250), "1")], 500, 250),
    "doubled": ([(4, ["p0", "p1", "p1", "p0"], None)], 4, 2),
    "no ids of a CRM": ([(4, ["p0", "a,b", "../x", "p" * 121], None)], 4, 1),
}


@pytest.mark.parametrize("what", UNEVEN)
def test_what_does_not_add_up_is_told_and_not_used(world: World, what: str) -> None:
    pages, total, found = UNEVEN[what]
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        serve(world, wire, pages)
        row = ask(world)
        assert (row.state, row.reason) == (PreviewState.FAILED, Reason.SELECTION_UNEVEN)
        assert row.selection is not None
        assert (row.selection.total, row.selection.found) == (total, found)
        with pytest.raises(NotReady):
            confirm_preview(world.environment, row.id, ALICE, None)
        db.session.rollback()
        assert db.session.scalars(select(Run)).all() == []
        # Read anew when the person asks again; the CRM knows better by then.
        pages[:] = [(3, ids(0, 2), "1"), (3, ids(2, 3), None)]
        again = ask(world)
        assert (again.state, again.total) == (PreviewState.READY, 3)
        db.session.refresh(row.selection)
        assert row.selection.state is SelectionState.READY


def test_pages_in_a_circle_that_hold_everybody_are_enough(world: World) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        serve(world, wire, [(3, ids(0, 2), "1"), (3, ids(2, 3), "1")])
        assert ask(world).total == 3


def test_a_number_that_no_crm_has_is_an_answer_of_another_form(world: World) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        serve(world, wire, [(10**20, ids(0, 2), None)])
        row = ask(world)
        assert (row.state, row.reason) == (PreviewState.OPEN, Reason.CRM_AWAY)


@pytest.mark.parametrize("kind", ["html", "half", "503", "429", "drop"])
def test_a_fault_halfway_is_waited_for(world: World, kind: Kind) -> None:
    contacts = [world.person(f"persoon{n}@example.nl") for n in range(3)]
    selection = world.crm.data.selections.add(contacts, "u-devries")
    # The first page is in; the second one fails.
    row = preview_mutation(world.environment, selection.id, NO_ADJUSTMENT, ALICE)
    half = {"environment_id": world.environment.id, "selection_id": row.selection_id}
    db.session.add(SelectionContact(**half, contact_id="nobody"))
    db.session.commit()
    world.crm.data.faults.add(Fault(kind, calls=1, path="/selections"))
    assert not advance_preview(world.environment.id, row.id)
    db.session.refresh(row)
    assert (row.state, row.reason) == (PreviewState.OPEN, Reason.CRM_AWAY)
    row.due_at = row.created_at
    db.session.commit()
    assert (worked_out(row).state, row.total) == (PreviewState.READY, 3)


def test_a_selection_that_is_gone(world: World) -> None:
    row = ask(world)
    assert (row.state, row.reason) == (PreviewState.FAILED, Reason.SELECTION_GONE)


def test_a_selection_of_nobody(world: World) -> None:
    row = foreseen(world, [], NO_ADJUSTMENT)
    assert (row.state, row.total) == (PreviewState.READY, 0)
    run = finish(saved(world, row))
    assert (run.state, run.selected) == (RunState.FINISHED, 0)


def test_a_worker_that_dies_while_it_reads_is_followed_by_another(world: World) -> None:
    contacts = [world.person(f"persoon{n}@example.nl") for n in range(3)]
    crm_id = world.crm.data.selections.add(contacts, "u-devries").id
    row = open_selection(world.environment.id, crm_id)
    row.lease, row.leased_until = uuid4(), func.now()
    db.session.add(SelectionContact(environment_id=world.environment.id, selection_id=row.id,
                                    contact_id="half"))  # fmt: skip
    db.session.commit()
    later()
    row.leased_until = row.created_at
    db.session.commit()
    assert read_selection(world.environment, row.id)
    found = find_selection(world.environment.id, row.id)
    assert found is not None and (found.state, found.found) == (SelectionState.READY, 3)


def test_who_waits_for_another_worker_that_reads_it_waits_as_long_as_it_takes(
    world: World,
) -> None:
    crm_id = world.crm.data.selections.add([world.person("anna@example.nl")], "u-devries").id
    row = preview_mutation(world.environment, crm_id, NO_ADJUSTMENT, ALICE)
    selection = open_selection(world.environment.id, crm_id)
    selection.lease, selection.leased_until = uuid4(), datetime.now(UTC) + timedelta(minutes=1)
    db.session.commit()
    for _ in range(20):
        assert not advance_preview(world.environment.id, row.id)
    db.session.refresh(row)
    assert row.state is PreviewState.OPEN
    selection.lease = selection.leased_until = None
    db.session.commit()
    assert worked_out(row).state is PreviewState.READY


def test_a_selection_that_takes_long_is_read_for_as_long_as_somebody_waits(world: World) -> None:
    seen: list[datetime | None] = []

    def meanwhile(page: int) -> None:
        db.session.refresh(row)
        seen.append(row.leased_until)
        if page == 2:
            cancel_preview(world.environment.id, row.id)
        else:
            row.leased_until = datetime.now(UTC)
        db.session.commit()

    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        pages: Pages = [(8, ids(2 * n, 2 * n + 2), str(n + 1)) for n in range(4)]
        serve(world, wire, pages, meanwhile)
        row = preview_mutation(world.environment, "sel_x", NO_ADJUSTMENT, ALICE)
        db.session.commit()
        assert not advance_preview(world.environment.id, row.id)
    assert len(seen) == 3, "nobody waits for the last page"
    assert seen[1] is not None and seen[1] > datetime.now(UTC) + timedelta(seconds=30)
    selection = open_selection(world.environment.id, "sel_x")
    assert (selection.state, selection.lease) == (SelectionState.OPEN, None)


def test_nothing_of_another_environment(world: World) -> None:
    """Both CRMs may use one id."""
    contacts = [world.person(f"persoon{n}@example.nl") for n in range(2)]
    row = foreseen(world, contacts, NO_ADJUSTMENT)
    assert row.selection is not None
    crm_id, selection_id = row.selection.crm_id, row.selection.id
    run = saved(world, row)
    environment_of("other", world.sandbox, world.crm)
    other = find("other")
    assert other is not None
    assert find_mutation(other.id, row.id, crm_id) is None
    assert find_saved(other.id, crm_id) is None
    assert find_selection(other.id, selection_id) is None
    assert read_selection(other, selection_id)
    with pytest.raises(NotReady):
        confirm_preview(other, row.id, ALICE, None)
    db.session.rollback()
    theirs = open_selection(other.id, crm_id)
    assert (theirs.id == selection_id, theirs.run_id) == (False, None)
    assert not advance_preview(other.id, row.id)
    db.session.commit()
    contacts_left = (
        select(func.count())
        .select_from(SelectionContact)
        .where(SelectionContact.selection_id == selection_id)
    )
    assert db.session.scalar(contacts_left) == 2
    assert find_saved(world.environment.id, crm_id) == run.id
    assert db.session.scalar(select(func.count()).select_from(Selection)) == 2
