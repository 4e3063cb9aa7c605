"""The engine takes the desired state from where the kind of run says, and knows no more of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import uuid4

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import Outcome, RunItem, RunKind, Source
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.state import Wanted
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.desired import Desired
from spotler_plugin.services.run.create import create_run
from spotler_plugin.services.sources import by_kind
from spotler_plugin.services.sources.by_kind import SOURCES
from tests.world.accounts import ALICE
from tests.world.world import World


@dataclass(frozen=True)
class Earlier:
    """As contacts were before, such as an undo would want them."""

    images: Mapping[str, Image]
    address: str

    @property
    def types(self) -> Mapping[str, PropertyType]:
        return {"firstName": PropertyType.STRING}

    def read(self, contact_ids: Collection[str]) -> Desired:
        return Desired(
            {
                id_: Wanted(id_, self.address, self.images[id_].properties)
                for id_ in contact_ids
                if id_ in self.images
            }
        )


def test_every_kind_of_run_has_a_source() -> None:
    assert SOURCES.keys() == set(RunKind)


def test_another_source_takes_the_same_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    zoe = world.person("zoe@example.nl")
    world.save(zoe)
    earlier = Earlier({zoe: Image(properties={"firstName": "Zoetje"})}, "zoe@example.nl")
    sources = {**SOURCES, RunKind.BULK: lambda _owner, _run: earlier}
    monkeypatch.setattr(by_kind, "SOURCES", sources)
    made, _ = create_run(
        world.environment.id,
        [zoe, "not-in-it"],
        kind=RunKind.BULK,
        source=Source.BULK,
        actor=ALICE,
        request_token=uuid4(),
    )
    db.session.commit()
    world.work(made.id)
    found = world.in_spotler(zoe)
    assert found is not None and found.properties["firstName"] == "Zoetje"
    items = {item.contact_id: item for item in db.session.query(RunItem).filter_by(run_id=made.id)}
    assert items[zoe].outcome is Outcome.UPDATED
    assert items["not-in-it"].outcome is Outcome.BLOCKED, "nobody knows what it should be"
    before = items[zoe].before
    assert before is not None and before.properties == {"firstName": "Zoë"}
