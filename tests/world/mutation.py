"""Bulk mutations: asked for, carried out, and what the CRM and Spotler then have."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select, update

from demo.crm.calls import Call
from demo.crm.faults import Fault
from spotler_plugin.extensions import db, redis_server
from spotler_plugin.models import (
    Enrolment,
    Link,
    Preview,
    Run,
    RunItem,
    RunKind,
    RunState,
    Selection,
    SelectionContact,
    SelectionState,
    Source,
    Whom,
)
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.services.consent.acts import record_acts_of_all
from spotler_plugin.services.enrolment.request import request_enrolments_of_all
from spotler_plugin.services.enrolment.start import settle_lost_starts
from spotler_plugin.services.mutation import preview_mutation
from spotler_plugin.services.preview.approve import confirm_preview
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.run.create import create_run_for
from spotler_plugin.services.sync.advance import advance_run
from tests.world.accounts import ALICE
from tests.world.world import World


def mutate(world: World, ids: Collection[str], adjustment: Adjustment) -> Run:
    """A run over these contacts, that nobody has begun yet."""
    owner = world.environment
    selection = Selection(id=uuid4(), environment_id=owner.id, crm_id=uuid4().hex,
                          state=SelectionState.READY, created_at=datetime.now(UTC))  # fmt: skip
    db.session.add(selection)
    db.session.flush()
    db.session.add_all(
        SelectionContact(environment_id=owner.id, selection_id=selection.id, contact_id=id_)
        for id_ in ids
    )
    db.session.flush()
    run = create_run_for(owner, Whom.SELECTION, kind=RunKind.BULK, source=Source.BULK, actor=ALICE,
                         request_token=selection.id, selection_id=selection.id)  # fmt: skip
    run.adjustment = adjustment
    record_acts_of_all(run, adjustment.permissions)
    request_enrolments_of_all(run, adjustment.automations)
    db.session.commit()
    return run


def item_of(run: Run, contact_id: str) -> RunItem:
    found = db.session.scalars(
        select(RunItem)
        .where(RunItem.environment_id == run.environment_id, RunItem.run_id == run.id,
               RunItem.contact_id == contact_id)
        .execution_options(populate_existing=True)
    )  # fmt: skip
    return found.one()


def of_crm(world: World, contact_id: str, field: str) -> object:
    row = world.crm.data.contacts.find(contact_id)
    assert row is not None
    return row.fields.get(field)


def foreseen(world: World, ids: Collection[str], adjustment: Adjustment) -> Preview:
    """The preview of a mutation of contacts that were ticked in the CRM, worked out."""
    selection = world.crm.data.selections.add(list(ids), "u-devries")
    row = preview_mutation(world.environment, selection.id, adjustment, ALICE)
    db.session.commit()
    return worked_out(row)


def worked_out(row: Preview) -> Preview:
    while advance_preview(row.environment_id, row.id):
        pass
    db.session.refresh(row)
    return row


def saved(world: World, row: Preview, typed: int | None = None) -> Run:
    """Opslaan."""
    run_id = confirm_preview(world.environment, row.id, ALICE, typed)
    db.session.commit()
    return db.session.get_one(Run, run_id, populate_existing=True)


def patches(world: World) -> list[Call]:
    """The calls that changed contacts in the CRM, or were to."""
    return [call for call in world.crm.data.calls.all() if call.method == "PATCH"]


def sent_to_crm(call: Call) -> list[str]:
    """Whom such a call was about."""
    body = call.body
    assert isinstance(body, dict)
    return list(body["ids"])


def version_of(world: World, contact_id: str) -> int:
    """Grows with every change in the CRM."""
    row = world.crm.data.contacts.find(contact_id)
    assert row is not None
    return row.version


def later() -> None:
    """Time passes: what dead workers leased is free, what waited is due, all circuits closed."""
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    everywhere = {"across_environments": True, "synchronize_session": False}
    for statement in (
        update(Link).where(Link.lease.is_not(None)).values(leased_until=long_ago),
        update(RunItem).values(due_at=long_ago),
        update(Enrolment).values(due_at=long_ago),
        update(Enrolment).where(Enrolment.left_at.is_not(None)).values(left_at=long_ago),
    ):
        db.session.execute(statement.execution_options(**everywhere))
    settle_lost_starts()
    db.session.commit()
    redis_server.queue.flushdb()


def finish(run: Run) -> Run:
    """Work, and wait, until the run is over."""
    for _ in range(20):
        while advance_run(run.id):
            pass
        db.session.refresh(run)
        if run.state is not RunState.OPEN:
            return run
        later()
    raise AssertionError("it is never over")


@dataclass
class Meanwhile(Fault):
    """Something else happens while the CRM is called, once; the call itself goes on as always."""

    act: Callable[[], None] = field(default=lambda: None)
    over: bool = False

    def fits(self, method: str, path: str) -> bool:
        if not self.over and super().fits(method, path):
            self.over = True
            self.act()
        return False


@dataclass
class AfterWriting(Fault):
    """Begins with the second such call: with the first the CRM is read before it is written."""

    is_first: bool = True

    def fits(self, method: str, path: str) -> bool:
        if not super().fits(method, path):
            return False
        was_first, self.is_first = self.is_first, False
        return not was_first
