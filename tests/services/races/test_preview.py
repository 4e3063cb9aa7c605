"""A preview that two confirm at once, from the screen that both have before them."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Run, RunKind, Whom
from spotler_plugin.services.environment import find
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.approve import confirm_preview
from spotler_plugin.services.preview.request import find_preview, request_preview
from tests.two import Two
from tests.world.accounts import ALICE
from tests.world.mutation import worked_out
from tests.world.world import World


@pytest.mark.parametrize("kind", [RunKind.MAPPING, RunKind.SYNC])
def test_confirmed_twice_at_once_it_is_one_run(world: World, two: Two, kind: RunKind) -> None:
    world.save(world.person("zoe@example.nl"))
    proposal = saved_mapping(world.environment.id)
    if kind is RunKind.MAPPING:
        proposal |= {("contact", "city"): "city"}
    row = request_preview(world.environment, Whom.LINKED, kind, proposal, ALICE)
    db.session.commit()
    preview_id = worked_out(row).id

    def confirm() -> UUID | None:
        owner = find("acme")
        assert owner is not None
        # Read before it waits for the other, as the screen's route does.
        shown = find_preview(owner.id, preview_id)
        assert shown is not None
        return confirm_preview(owner, shown.id, ALICE, None)

    first, second = two.at_once(confirm, confirm)
    assert first == second is not None
    found = select(func.count()).select_from(Run)
    assert db.session.scalar(found.where(Run.kind == kind)) == 1
