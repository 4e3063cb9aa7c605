"""Who is meant in a run's file, where Spotler never had them: by the CRM."""

from __future__ import annotations

from uuid import UUID

from demo.crm.faults import Fault as CrmFault
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.services.run.items import Filter, every_item
from spotler_plugin.services.run.people import People
from tests.world.mutation import finish, mutate
from tests.world.world import World

NOTE = Adjustment()


def named(world: World, run_id: UUID) -> dict[str, tuple[str | None, str | None]]:
    items = every_item(world.environment.id, run_id, Filter())
    found = People(world.environment).named(items)
    return {each.contact_id: (each.name, each.address) for each in found}


def test_who_was_never_in_spotler_has_a_name_and_an_address(world: World) -> None:
    """The file had empty cells for exactly those that somebody has to look up in the CRM."""
    contacts = world.crm.data.contacts
    fields = {"email": "zoe@example", "first_name": "Zoë", "last_name": "Bakker"}
    odd = contacts.add(fields, contact_id="00012345", silent=True).id
    none = world.person(None, first_name="Noor")
    linked = world.person("sanne@example.nl", first_name="Sanne")
    gone = "gone"
    run = mutate(world, [odd, none, linked, gone], NOTE)
    finish(run)
    run_id, calls = run.id, len(world.crm.data.calls.all())
    assert named(world, run_id) == {
        odd: ("Zoë Bakker", "zoe@example"),
        none: ("Noor Bakker", None),
        linked: ("Sanne Bakker", "sanne@example.nl"),
        gone: (None, None),
    }
    assert len(world.crm.data.calls.all()) == calls + 1, "all at once"
    world.crm.data.faults.add(CrmFault("503", path="/contacts"))
    assert named(world, run_id)[odd] == (None, None), "and the file comes all the same"
