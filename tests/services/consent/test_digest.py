"""Digests of addresses: the same for one address however it is written, another for each key."""

from __future__ import annotations

from sqlalchemy import delete

from spotler_plugin.extensions import db
from spotler_plugin.models import ConsentSetting
from spotler_plugin.services.consent.digest import digests_of, known_digests
from spotler_plugin.services.consent.setting import (
    allows_again,
    choose_again,
    ensure_setting,
    find_setting,
)
from tests.world.accounts import environment_of
from tests.world.world import World


def test_an_address_is_found_again_however_it_is_written(world: World) -> None:
    found = digests_of(world.environment.id, ["Zoe@Example.nl", " zoe@example.nl ", "", "x@y.nl"])
    assert found.keys() == {"Zoe@Example.nl", " zoe@example.nl ", "x@y.nl"}
    assert found["Zoe@Example.nl"] == found[" zoe@example.nl "] != found["x@y.nl"]
    assert all(len(each) == 64 and "zoe" not in each for each in found.values())


def test_each_environment_has_its_own(world: World) -> None:
    other = environment_of("other", world.sandbox, world.crm)
    db.session.commit()
    ours, theirs = (digests_of(each.id, ["zoe@example.nl"]) for each in (world.environment, other))
    assert ours != theirs
    assert ours == digests_of(world.environment.id, ["zoe@example.nl"])


def test_who_only_reads_makes_no_key(world: World) -> None:
    db.session.execute(delete(ConsentSetting))
    assert known_digests(world.environment.id, ["zoe@example.nl"]) == {}
    assert find_setting(world.environment.id) is None
    made = digests_of(world.environment.id, ["zoe@example.nl"])
    assert known_digests(world.environment.id, ["zoe@example.nl"]) == made
    assert known_digests(world.environment.id, []) == {}


def test_nothing_is_allowed_that_nobody_chose(world: World) -> None:
    assert not allows_again(world.environment.id)
    ensure_setting(world.environment.id)
    assert not allows_again(world.environment.id)
    choose_again(world.environment.id, allowed=True)
    db.session.commit()
    assert allows_again(world.environment.id)
