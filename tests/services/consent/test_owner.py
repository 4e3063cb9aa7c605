"""Whose an address is: what was said last counts, of everybody who has it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import AddressAct, Environment, Link, MirrorContact
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.consent.owner import (
    NOTHING_SAID,
    last_settled,
    settle_owner,
    settled_among,
)

BEFORE, INFO, AFTER = "balie@example.nl", "info@example.nl", "post@example.nl"


def said(environment: Environment, owner_id: str, *others: str, address: str = INFO) -> None:
    settle_owner(environment.id, owner_id, others, address, actor_id="alice", actor_name="Alice")
    db.session.commit()


def has(environment: Environment, *ids: str, address: str = INFO) -> None:
    """By our links."""
    db.session.add_all(
        Link(environment_id=environment.id, contact_id=id_, address=address) for id_ in ids
    )
    db.session.commit()


def mirrored(environment: Environment, external_id: str | None, address: str) -> None:
    """Spotler has it so."""
    row = MirrorContact(environment_id=environment.id, external_id=external_id, address=address)
    row.active, row.permissions, row.properties = True, {}, {}
    row.observed_at, row.encrypted_id = datetime.now(UTC), f"{external_id} {address}"
    db.session.add(row)
    db.session.commit()


def test_it_is_said_of_everybody_who_has_it(environment: Environment) -> None:
    said(environment, "b", "c", "a", "b")
    said(environment, "b", address=AFTER)
    said(environment, "b", "a", address="")
    rows = db.session.scalars(select(AddressAct).order_by(AddressAct.id)).all()
    assert [(row.contact_id, row.owner_id) for row in rows] == [("b", "b"), ("a", "b"), ("c", "b")]
    assert {(row.actor_id, row.actor_name) for row in rows} == {("alice", "Alice")}
    assert {row.address_digest for row in rows} == {digests_of(environment.id, [INFO])[INFO]}
    said(environment, "z", "a", address=AFTER)
    assert len(db.session.scalars(select(AddressAct.id)).all()) == len(rows) + 2


def test_what_was_said_last_of_this_address_counts(environment: Environment) -> None:
    said(environment, "b", "a", "z")
    said(environment, "a", "b")
    for beside in (BEFORE, AFTER):
        said(environment, "z", "a", "b", address=beside)
    found = last_settled(environment.id, ["a", "b", "y"], INFO.upper())
    assert {id_: row.owner_id for id_, row in found.items()} == {"a": "a", "b": "a"}
    assert last_settled(environment.id, ["a"], "") == {}


def test_the_clock_says_what_was_last(environment: Environment) -> None:
    """Two workers may write in another order than people spoke."""
    said(environment, "a", "b")
    with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False):
        said(environment, "b", "a")
    assert last_settled(environment.id, ["a"], INFO)["a"].owner_id == "a"
    has(environment, "b")
    assert settled_among(environment.id, {"a": INFO}).owned == {"a"}


@pytest.mark.parametrize("who", ["a", "b"])
def test_who_has_it_still_by_what_was_said(environment: Environment, who: str) -> None:
    """The one whose it is may have it, and the other one leaves it, as long as that one has it."""
    other = "b" if who == "a" else "a"
    said(environment, who, other)
    for beside in (BEFORE, AFTER):
        said(environment, other, who, address=beside)
    wanted = {"a": INFO, "b": INFO.upper()}
    assert settled_among(environment.id, wanted).left == {}, "nobody has it"
    has(environment, who)
    found = settled_among(environment.id, wanted | {"c": "nobody@example.nl"})
    assert found.left == {other: who}
    assert found.owned == {who}


def test_of_a_third_who_has_it_nobody_said_so(environment: Environment) -> None:
    said(environment, "b", "a")
    has(environment, "a", "z")
    assert settled_among(environment.id, {"b": INFO}).owned == set()
    assert settled_among(environment.id, {"a": INFO, "z": INFO}) == NOTHING_SAID
    said(environment, "b", "z")
    assert settled_among(environment.id, {"b": INFO}).owned == {"b"}


def test_who_has_it_is_known_by_spotler_too_and_who_is_gone_is_not_asked(
    environment: Environment,
) -> None:
    said(environment, "b", "a")
    now = datetime.now(UTC)
    known = {"environment_id": environment.id, "address": INFO}
    db.session.add(Link(**known, contact_id="gone", deleted_at=now))
    db.session.add(Link(**known, contact_id="merged", merged_into="b"))
    has(environment, "elsewhere", address=AFTER)
    rows = [(None, INFO), ("elsewhere too", BEFORE), ("elsewhere as well", AFTER)]
    for external_id, address in rows:
        mirrored(environment, external_id, address)
    assert settled_among(environment.id, {"b": INFO}).owned == {"b"}
    mirrored(environment, "there", INFO)
    assert settled_among(environment.id, {"b": INFO}).owned == set()
    said(environment, "there", "b")
    assert settled_among(environment.id, {"b": INFO}).left == {"b": "there"}


def test_nothing_was_said(environment: Environment) -> None:
    has(environment, "a", "b")
    assert settled_among(environment.id, {"a": INFO}) is NOTHING_SAID
    assert settled_among(environment.id, {}) is NOTHING_SAID
    assert not NOTHING_SAID.owned and not NOTHING_SAID.left
