"""A bulk mutation: the CRM's fields first, once; then Spotler, as everything else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Enrolment,
    Outcome,
    Run,
    RunItem,
    RunKind,
    Selection,
    SelectionContact,
    SelectionState,
    Source,
    Whom,
)
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.consent.acts import record_acts_of_all
from spotler_plugin.services.enrolment.request import request_enrolments_of_all
from spotler_plugin.services.run.create import create_run_for
from tests.world.accounts import ALICE
from tests.world.crowd import work
from tests.world.world import MONTHLY, World


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


def test_fields_permission_and_automation(world: World) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(3)]
    automation = world.automation("download e-book")
    run = mutate(
        world,
        ids,
        Adjustment(
            fields={"last_name": "Directeur"},
            switches={MONTHLY: Switch(True, "beurs")},
            automations=(automation,),
        ),
    )
    assert work(run.id).linked == 3
    for id_ in ids:
        assert of_crm(world, id_, "last_name") == "Directeur"
        found = world.in_spotler(id_)
        assert found is not None and found.permissions[MONTHLY]
        assert found.properties["lastName"] == "Directeur"
    states = db.session.scalars(
        select(Enrolment.state).where(Enrolment.environment_id == run.environment_id)
    ).all()
    assert states == ["started"] * 3


def test_without_a_change_nothing_is_switched_or_told_to_the_crm(world: World) -> None:
    id_ = world.person("anna@example.nl")
    before = world.crm.data.contacts.find(id_)
    run = mutate(world, [id_], Adjustment())
    assert work(run.id).linked == 1
    assert world.crm.data.contacts.find(id_) == before
    found = world.in_spotler(id_)
    assert found is not None and not any(found.permissions.values())


def test_a_contact_that_is_gone_stops_no_other(world: World) -> None:
    id_ = world.person("anna@example.nl")
    run = mutate(world, [id_, "nobody"], Adjustment(fields={"last_name": "Directeur"}))
    work(run.id)
    assert item_of(run, id_).outcome is Outcome.LINKED
    assert item_of(run, "nobody").reason is Reason.GONE
