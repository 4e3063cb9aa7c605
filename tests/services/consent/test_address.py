"""Which address an act was about: of its own contact and run, and of no other."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Environment, Link, MirrorContact, Run, RunKind, Source
from spotler_plugin.services.consent.address import fill_digests, known_digest
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.consent.holders import held_by
from spotler_plugin.services.run.create import create_run

CONTACTS = ("a", "b", "c")


def linked(environment: Environment, contact_id: str, address: str | None) -> None:
    db.session.add(Link(environment_id=environment.id, contact_id=contact_id, address=address))


def mirrored(environment: Environment, contact_id: str, address: str | None) -> None:
    row = MirrorContact(environment_id=environment.id, external_id=contact_id, address=address)
    row.active, row.permissions, row.properties = True, {}, {}
    row.observed_at = datetime.now(UTC)
    db.session.add(row)


def test_the_mirror_knows_it_better_than_the_link(
    environment: Environment, other_environment: Environment
) -> None:
    for contact_id in CONTACTS:
        linked(environment, contact_id, f"{contact_id}@link.example")
        linked(other_environment, contact_id, f"{contact_id}@elders.example")
    mirrored(environment, "a", "a@spotler.example")
    mirrored(environment, "c", None)
    linked(environment, "d", None)
    db.session.commit()
    expected = {
        "a": "a@spotler.example", "b": "b@link.example", "c": "c@link.example",
    }  # fmt: skip
    digests = digests_of(environment.id, expected.values())
    for contact_id, address in expected.items():
        assert known_digest(environment.id, contact_id) == digests[address]
    assert known_digest(environment.id, "d") is None
    # Of nobody's id, whose neighbours are known.
    assert known_digest(environment.id, "aa") is None
    assert known_digest(environment.id, "0") is None


def test_only_the_runs_own_acts_get_what_was_read_for_it(environment: Environment) -> None:
    runs = [a_run(environment) for _ in range(3)]
    for run in runs:
        for contact_id in (*CONTACTS, "d"):
            act = Act(environment_id=environment.id, contact_id=contact_id, bit=1, enabled=True,
                      at=run.created_at, source=Source.BULK, run_id=run.id,
                      address_digest="known" if contact_id == "d" else None)  # fmt: skip
            db.session.add(act)
    db.session.commit()
    run = sorted(runs, key=lambda each: each.id.hex)[1]
    read = {"b": "b@example.nl", "d": "d@example.nl", "a": ""}
    fill_digests(run, read)
    db.session.expire_all()
    digest = digests_of(environment.id, ["b@example.nl"])["b@example.nl"]
    filled = select(Act.run_id, Act.contact_id).where(Act.address_digest == digest)
    assert db.session.execute(filled).all() == [(run.id, "b")]
    assert {each.contact_id for each in held_by(environment.id, ["a", "b", "c", "d"])} == {"b", "d"}
    kept = select(Act.contact_id).where(Act.address_digest == "known")
    assert db.session.scalars(kept).all() == ["d", "d", "d"]


def a_run(environment: Environment) -> Run:
    run, _ = create_run(
        environment.id, CONTACTS, kind=RunKind.BULK, source=Source.BULK, actor=None,
        request_token=uuid4(),
    )  # fmt: skip
    db.session.flush()
    return run
