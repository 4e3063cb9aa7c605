"""Taking runs back: asked for, agreed with, carried out."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Preview, PreviewItem, PreviewState, Run, RunItem, RunKind, Whom
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.request import request_preview, tally_of
from spotler_plugin.services.preview.undo import request_undo
from tests.world.accounts import ALICE
from tests.world.mutation import finish, saved, worked_out
from tests.world.world import World


def asked(world: World, run: Run, **options: Any) -> Preview:
    """The preview of taking it back, worked out."""
    row = request_undo(world.environment, run.id, ALICE, **options)
    assert row is not None
    db.session.commit()
    row = worked_out(row)
    assert row.state is PreviewState.READY
    return row


def undone(world: World, run: Run, **options: Any) -> Run:
    """Ongedaan maken."""
    return finish(saved(world, asked(world, run, **options)))


def mapped(world: World, kind: RunKind = RunKind.MAPPING, **fields: str) -> Run:
    """A run with a mapping that has these fields of contacts besides."""
    proposal = saved_mapping(world.environment.id)
    proposal |= {("contact", field): property for field, property in fields.items()}
    row = request_preview(world.environment, Whom.LINKED, kind, proposal, ALICE)
    db.session.commit()
    row = worked_out(row)
    return finish(saved(world, row, tally_of(row).emptied))


def of_spotler(world: World, contact_id: str) -> dict[str, Any]:
    """All values that Spotler has of a contact, and its permissions that are on."""
    found = world.in_spotler(contact_id)
    assert found is not None
    on = {bit for bit, enabled in found.permissions.items() if enabled}
    return {**found.properties, "on": on}


def left_alone(row: Preview) -> dict[str, PreviewItem]:
    items = select(PreviewItem).where(
        PreviewItem.environment_id == row.environment_id,
        PreviewItem.preview_id == row.id,
        PreviewItem.reason.is_not(None),
    )
    return {item.contact_id: item for item in db.session.scalars(items)}


def items_of(run: Run) -> dict[str, RunItem]:
    items = select(RunItem).where(
        RunItem.environment_id == run.environment_id, RunItem.run_id == run.id
    )
    found = db.session.scalars(items.execution_options(populate_existing=True))
    return {item.contact_id: item for item in found}
