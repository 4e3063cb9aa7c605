"""What saving a bulk mutation costs does not grow with its selection."""

from __future__ import annotations

from spotler_plugin.planning.adjustment import Adjustment, Switch
from tests.statements import statements
from tests.world.mutation import finish, foreseen, saved
from tests.world.world import MONTHLY, QUARTERLY, World

MOST = 30


def test_as_many_statements_for_two_hundred_as_for_two(world: World) -> None:
    counts = []
    adjustment = Adjustment(
        fields={"last_name": "Directeur"},
        switches={MONTHLY: Switch(True, "beurs"), QUARTERLY: Switch(False)},
        automations=(world.automation("download e-book"),),
    )
    for number in (2, 200):
        ids = [world.person(f"g{number}n{n}@example.nl") for n in range(number)]
        row = foreseen(world, ids, adjustment)
        with statements() as seen:
            run = saved(world, row)
        assert run.selected == number
        counts.append(len(seen))
    assert counts[0] == counts[1] <= MOST


def test_the_work_of_one_chunk_is_as_much_in_a_large_run(world: World) -> None:
    """Nothing is done per contact of the whole selection."""
    ids = [world.person(f"persoon{n}@example.nl") for n in range(300)]
    counts = []
    for chosen in (ids[:100], ids[100:]):
        run = saved(world, foreseen(world, chosen, Adjustment(fields={"last_name": "Directeur"})))
        with statements() as seen:
            finish(run)
        counts.append(len(seen) / len(chosen))
    assert counts[1] <= counts[0] * 1.2
