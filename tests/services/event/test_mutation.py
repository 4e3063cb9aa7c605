"""What a bulk mutation changes in the CRM comes back as an event, and leads to no other write."""

from __future__ import annotations

from spotler_plugin.planning.adjustment import Adjustment
from tests.services.event.conftest import Inbox
from tests.world.mutation import Meanwhile, finish, mutate, of_crm, patches
from tests.world.world import World

CHIEF = Adjustment(fields={"last_name": "Directeur"})


def writes(world: World) -> int:
    return len(world.calls("POST", "*contact*")) + len(world.calls("PUT", "*contact*"))


def test_its_own_changes_come_back(world: World, inbox: Inbox) -> None:
    anna, bob = world.person("anna@example.nl"), world.person("bob@example.nl")
    world.save(anna)
    assert finish(mutate(world, [anna, bob], CHIEF)).updated == 1
    before = writes(world)
    for id_ in (anna, bob):
        inbox.changed(id_)
    inbox.handle()
    assert writes(world) == before and len(patches(world)) == 1


def test_a_change_of_a_person_while_it_is_at_work_goes_along(world: World, inbox: Inbox) -> None:
    anna = world.person("anna@example.nl")
    world.save(anna)
    run = mutate(world, [anna], CHIEF)

    def rename() -> None:
        world.crm.data.contacts.change(anna, {"first_name": "Ans"}, silent=True)

    # After the CRM was changed and before it is read.
    world.crm.data.faults.add(Meanwhile("slow", method="GET", path="/contacts", act=rename))
    assert finish(run).updated == 1
    assert world.first_name(anna) == "Ans" and of_crm(world, anna, "last_name") == "Directeur"
    before = writes(world)
    inbox.changed(anna)
    inbox.handle()
    assert writes(world) == before
