"""A bulk mutation: the CRM's fields first, once; then Spotler, as everything else."""

from __future__ import annotations

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Enrolment, Outcome
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.reason import Reason
from tests.world.crowd import work
from tests.world.mutation import item_of, mutate, of_crm
from tests.world.world import MONTHLY, World


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
