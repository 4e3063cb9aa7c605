"""A preview that is no longer true is made anew, before anybody can agree with it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from spotler_plugin.extensions import db
from spotler_plugin.models import Field, Preview, PreviewState, Property, Run, RunKind, Whom
from spotler_plugin.services.mapping.store import save_mapping, saved_mapping
from spotler_plugin.services.preview.approve import TRUE_FOR, Stale, confirm_preview
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.preview.request import renew_preview, request_preview
from tests.world.accounts import ALICE
from tests.world.world import World

CITY = ("contact", "city")


def worked_out(row: Preview) -> Preview:
    db.session.commit()
    while advance_preview(row.environment_id, row.id):
        pass
    db.session.refresh(row)
    assert row.state is PreviewState.READY
    return row


@pytest.fixture
def synchronisation(world: World) -> Preview:
    world.save(world.person("zoe@example.nl"))
    now = saved_mapping(world.environment.id)
    made = request_preview(world.environment, Whom.LINKED, RunKind.SYNC, now, ALICE)
    return worked_out(made)


def test_it_is_true_for_ten_minutes(world: World, synchronisation: Preview) -> None:
    at = synchronisation.finished_at
    assert at is not None
    with time_machine.travel(at + TRUE_FOR + timedelta(seconds=1), tick=False):
        with pytest.raises(Stale):
            confirm_preview(world.environment, synchronisation.id, ALICE, None)
        assert db.session.scalars(db.select(Run).where(Run.kind == RunKind.SYNC)).all() == []
    with time_machine.travel(at + TRUE_FOR, tick=False):
        assert confirm_preview(world.environment, synchronisation.id, ALICE, None)


def another_mapping(world: World) -> None:
    save_mapping(world.environment, saved_mapping(world.environment.id) | {CITY: "city"})


def a_field_is_gone(world: World) -> None:
    query = db.select(Field).where(Field.environment_id == world.environment.id)
    db.session.scalars(query.where(Field.name == "phone")).one().gone_at = datetime.now(UTC)


def a_property_has_another_type(world: World) -> None:
    query = db.select(Property).where(Property.environment_id == world.environment.id)
    row = db.session.scalars(query.where(Property.name == "city")).one()
    row.type = next(type_ for type_ in type(row.type) if type_ is not row.type)


def a_set_has_another_entry(world: World) -> None:
    query = db.select(Property).where(Property.environment_id == world.environment.id)
    row = db.session.scalars(query.where(Property.name == "profileFields")).one()
    row.entries = [*row.entries, {"bit": 2**40, "description": "Beurs"}]


def an_entry_is_gone(world: World) -> None:
    query = db.select(Property).where(Property.environment_id == world.environment.id)
    row = db.session.scalars(query.where(Property.name == "profileFields")).one()
    first, *others = row.entries
    row.entries = [*others, {**first, "gone": True}]


@pytest.mark.parametrize(
    "change",
    [
        another_mapping,
        a_field_is_gone,
        a_property_has_another_type,
        a_set_has_another_entry,
        an_entry_is_gone,
    ],
)
def test_what_it_was_computed_with_changed(
    world: World, synchronisation: Preview, change: Callable[[World], None]
) -> None:
    change(world)
    db.session.commit()
    with pytest.raises(Stale):
        confirm_preview(world.environment, synchronisation.id, ALICE, None)
    db.session.rollback()

    anew = worked_out(renew_preview(world.environment, synchronisation, ALICE))
    assert anew.is_renewed
    assert confirm_preview(world.environment, anew.id, ALICE, None)
