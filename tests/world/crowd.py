"""Many linked contacts, of which some changed since, some emptied, some blocked, some not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import update

from spotler_plugin.extensions import db
from spotler_plugin.models import Feed, Run, RunKind, RunState, Source, Whom
from spotler_plugin.services.feed.follow import follow_feed, read_everybody
from spotler_plugin.services.run.create import create_run, create_run_for
from spotler_plugin.services.sync.advance import advance_run
from tests.world.accounts import ALICE
from tests.world.world import World


@dataclass
class Crowd:
    world: World
    ids: list[str]

    def change(self, start: int, end: int, **values: object) -> None:
        """In the CRM, without an event."""
        for contact_id in self.ids[start:end]:
            self.world.crm.data.contacts.change(contact_id, values, silent=True)

    def ask(self, kind: RunKind) -> UUID:
        """A run over all of them, that nobody has begun yet."""
        run = create_run_for(
            self.world.environment, Whom.LINKED, kind=kind, actor=ALICE, request_token=uuid4()
        )
        db.session.commit()
        return run.id


def work(run_id: object) -> Run:
    """Until the run is over."""
    made = db.session.get_one(Run, run_id)
    while advance_run(made.id):
        pass
    db.session.refresh(made)
    assert made.state is RunState.FINISHED
    return made


def contact_id_of(number: int) -> str:
    """In this order they are worked on."""
    return f"{number:08}"


def in_crm(world: World, number: int) -> Crowd:
    """So many, of whom Spotler knows nothing by this."""
    contacts = world.crm.data.contacts
    ids = [
        contacts.add(
            {
                "email": f"persoon{n}@example.nl",
                "first_name": f"Persoon {n}",
                "last_name": "Bakker",
                "phone": "010 1234567",
            },
            contact_id=contact_id_of(n),
            silent=True,
        ).id
        for n in range(number)
    ]
    return Crowd(world, ids)


def gather(world: World, number: int) -> Crowd:
    """So many, linked as a bulk mutation does; the mirror knows them all.

    A test that begins with them has it from the fixture `crowd`, which takes a part of the time.
    """
    crowd = in_crm(world, number)
    made, _ = create_run(
        world.environment.id,
        crowd.ids,
        kind=RunKind.BULK,
        source=Source.BULK,
        actor=ALICE,
        request_token=uuid4(),
    )
    db.session.commit()
    assert work(made.id).linked == number
    read_feed(world)
    return crowd


def read_feed(world: World) -> None:
    """The mirror learns what changed in Spotler."""
    follow_feed(world.environment.id)
    while read_everybody(world.environment.id):
        pass


def a_while_ago(world: World) -> None:
    """The feed was last read a minute ago."""
    read_at = datetime.now(UTC) - timedelta(minutes=1)
    of_this = Feed.environment_id == world.environment.id
    db.session.execute(update(Feed).where(of_this).values(read_at=read_at))
    db.session.commit()
