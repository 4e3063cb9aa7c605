"""Texts that no database keeps, in every field of the CRM: the others of the chunk go on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
import responses
from sqlalchemy import select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    DriftKind,
    DriftState,
    Field,
    Link,
    MappingRow,
    Outcome,
    PreviewState,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
    Whom,
)
from spotler_plugin.planning.mapping import mappable
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.types import FieldType, compatible
from spotler_plugin.services.catalogue.fields import crm_fields
from spotler_plugin.services.catalogue.properties import account_properties
from spotler_plugin.services.contact.view import refresh_contact
from spotler_plugin.services.drift.advance import advance_drift
from spotler_plugin.services.drift.request import request_drift
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.preview.request import request_preview, tally_of
from spotler_plugin.services.run.create import create_run
from spotler_plugin.services.sync.advance import advance_run
from tests.world.accounts import ALICE
from tests.world.world import World

ADDRESS = "zoe@example.nl"


def map_all(world: World) -> None:
    """Each property is fed by a field; fields that are left feed nothing."""
    db.session.query(MappingRow).where(MappingRow.environment_id == world.environment.id).delete()
    free = [each for each in account_properties(world.environment.id) if mappable(each)]
    for field in crm_fields(world.environment.id):
        for property in free:
            if compatible(field.type, property.type):
                free.remove(property)
                db.session.add(MappingRow(environment_id=world.environment.id, entity=field.entity,
                                          field=field.name, property=property.name))  # fmt: skip
                break
    db.session.commit()


def contact(id_: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {"id": id_, "relation_id": "r-1", "primary": True, "active": True, "version": 1,
            "fields": fields}  # fmt: skip


def serve(world: World, wire: responses.RequestsMock, odd: str) -> None:
    """The CRM has the odd text in all fields of one contact, and in all but the address of another;
    and in its relation."""
    listed = db.session.execute(
        select(Field.entity, Field.name, Field.type).where(
            Field.environment_id == world.environment.id
        )
    ).all()
    of_contact = {
        name: [odd] if type_ == FieldType.KEYWORDS else odd
        for entity, name, type_ in listed
        if entity == "contact"
    }
    of_relation = {name: odd for entity, name, _ in listed if entity == "relation"}
    nobodys = contact("c-half", {**of_contact, "email": "noor@example.nl"})
    people = [
        contact("a-good", {"email": ADDRESS, "first_name": "Zoë"}),
        contact("b-odd", of_contact),
        nobodys | {"relation_id": odd},
    ]
    wire.add_passthru(world.sandbox.url)
    wire.get(f"{world.crm.api_url}/contacts", json={"contacts": people, "missing": []})
    relation = {"id": "r-1", "name": odd, "primary_contact_id": "a-good", "fields": of_relation}
    wire.get(f"{world.crm.api_url}/relations/r-1", json=relation)


@pytest.mark.parametrize(
    "odd",
    ["x" * 10_000, f"{'İ' * 222}@example.nl", f"{'z' * 432}@example.nl", "\x00",
     "a\x00b@example.nl", "half \ud83d", "\ude00@example.nl", "\u200b\ufeff",
     "é" * 5000 + "\x00\ud83d"],
    ids=["long", "grows", "444", "nul", "nul in one", "half", "half in one", "unseen", "all"],
)  # fmt: skip
def test_the_others_go_on(world: World, odd: str) -> None:
    map_all(world)
    run, _ = create_run(world.environment.id, ["a-good", "b-odd", "c-half"], kind=RunKind.BULK,
                        source=Source.BULK, actor=None, request_token=uuid4())  # fmt: skip
    db.session.commit()
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        serve(world, wire, odd)
        # All is foreseen too, as for who is linked.
        db.session.execute(update(Link).values(linked_at=datetime.now(UTC)))
        mapping = saved_mapping(world.environment.id)
        foreseen = request_preview(world.environment, Whom.LINKED, RunKind.SYNC, mapping, ALICE)
        db.session.commit()
        while advance_preview(world.environment.id, foreseen.id):
            pass
        db.session.execute(update(Link).values(linked_at=None))
        db.session.commit()
        while advance_run(run.id):
            pass
        seen = refresh_contact(world.environment, "b-odd")
        again, _ = create_run(world.environment.id, ["a-good", "c-half"], kind=RunKind.BULK,
                              source=Source.BULK, actor=None, request_token=uuid4())  # fmt: skip
        drift = request_drift(world.environment, None)
        db.session.commit()
        while advance_run(again.id):
            pass
        while advance_drift(world.environment.id, drift.id):
            pass
    db.session.expire_all()
    assert (foreseen.state, tally_of(foreseen).total) == (PreviewState.READY, 3)
    second = select(RunItem.outcome).where(RunItem.run_id == again.id)
    assert set(db.session.scalars(second)) == {Outcome.UNCHANGED}, "what comes back is what went"
    assert (drift.state, DriftKind.DIFFERENT in drift.counts) == (DriftState.READY, False)
    assert db.session.get_one(Run, run.id).state is RunState.FINISHED
    items = {
        item.contact_id: item
        for item in db.session.scalars(select(RunItem).where(RunItem.run_id == run.id))
    }
    assert items["a-good"].outcome is Outcome.LINKED and items["a-good"].attempts == 0
    why = {Reason.ADDRESS_MALFORMED, Reason.NO_ADDRESS}
    assert items["b-odd"].outcome is Outcome.BLOCKED and items["b-odd"].reason in why
    assert seen.trouble is items["b-odd"].reason
    assert items["c-half"].outcome is Outcome.LINKED and items["c-half"].attempts == 0
