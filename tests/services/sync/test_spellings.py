"""However an address or a number is written, in the CRM or in Spotler, it is one."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import DriftState, Link, Outcome, RunItem, RunKind, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.contact.view import refresh_contact
from spotler_plugin.services.drift.advance import advance_drift
from spotler_plugin.services.drift.request import request_drift
from spotler_plugin.services.mapping.store import save_mapping, saved_mapping
from spotler_plugin.services.run.create import create_run
from tests.world.accounts import ALICE
from tests.world.crowd import read_feed
from tests.world.world import MONTHLY, World

KEY = "zoe@xn--kse-qla.de"
SPELLINGS = ["Zoe@K\u00c4SE.de", KEY, "\u202azoe@ka\u0308se.de\u202c", "ZOE@k\u00e4se.DE"]


@pytest.mark.parametrize("other", SPELLINGS[1:])
def test_two_of_the_crm_never_get_one_address(world: World, other: str) -> None:
    first, second = world.person(SPELLINGS[0]), world.person(other, first_name="Sam")
    assert world.save(first).outcome is Outcome.LINKED
    view = world.save(second)
    assert (view.outcome, view.reason) == (Outcome.BLOCKED, Reason.ADDRESS_DOUBLED)
    linked = select(Link.contact_id, Link.address).where(Link.linked_at.is_not(None))
    assert db.session.execute(linked).all() == [(first, KEY)]


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
@pytest.mark.parametrize("ours", [SPELLINGS[0], SPELLINGS[2]])
@pytest.mark.parametrize("there", SPELLINGS)
def test_whoever_signed_off_stays_off(world: World, there: str, ours: str, many: bool) -> None:
    world.control("POST", "/contacts", contacts=[{"email": there, "standing": "opt_out"}])
    read_feed(world)
    zoe, noor = world.person(ours), world.person("noor@example.nl")
    if not many:
        assert world.save(zoe, {MONTHLY: True}).reason is Reason.INACTIVE
        assert refresh_contact(world.environment, zoe).contact.status.reason is Reason.INACTIVE
    else:
        run, _ = create_run(world.environment.id, [zoe, noor], kind=RunKind.BULK,
                            source=Source.BULK, actor=ALICE, request_token=uuid4())  # fmt: skip
        db.session.commit()
        world.work(run.id)
        rows = db.session.execute(select(RunItem.contact_id, RunItem.outcome, RunItem.reason))
        assert {id_: (outcome, reason) for id_, outcome, reason in rows} == {
            zoe: (Outcome.BLOCKED, Reason.INACTIVE),
            noor: (Outcome.LINKED, None),
        }
    assert world.in_spotler(zoe) is None


@pytest.mark.parametrize("other", SPELLINGS[1:])
def test_no_other_way_to_write_it_is_a_change(world: World, other: str) -> None:
    zoe = world.person(SPELLINGS[0])
    world.save(zoe)
    world.crm.data.contacts.change(zoe, {"email": other}, silent=True)
    calls = len(world.calls("POST")) + len(world.calls("PUT"))
    assert world.save(zoe).outcome is Outcome.UNCHANGED
    assert len(world.calls("POST")) + len(world.calls("PUT")) == calls


@pytest.mark.parametrize(
    ("region", "written"), [("BE", "0470/12.34.56"), ("NL", "+32 (0)470\u00a012 34 56")]
)
def test_a_number_is_of_its_environments_country_and_comes_back_as_it_went(
    world: World, region: str, written: str
) -> None:
    world.environment.region = region
    mapping = saved_mapping(world.environment.id) | {("contact", "mobile"): "mobileNumber"}
    save_mapping(world.environment, mapping)
    db.session.commit()
    zoe = world.person("zoe@example.nl", mobile=written)
    world.save(zoe)
    found = world.in_spotler(zoe)
    assert found is not None and found.properties["mobileNumber"] == "+32470123456"
    assert world.save(zoe).outcome is Outcome.UNCHANGED
    row = request_drift(world.environment, None)
    db.session.commit()
    while advance_drift(world.environment.id, row.id):
        pass
    db.session.refresh(row)
    assert (row.state, row.equal, row.compared) == (DriftState.READY, 1, 1)


def test_a_gender_that_spotler_does_not_know_takes_the_one_before_away(world: World) -> None:
    """Who was V and is X stayed F there."""
    mapping = saved_mapping(world.environment.id) | {("contact", "gender"): "gender"}
    save_mapping(world.environment, mapping)
    db.session.commit()
    zoe = world.person("zoe@example.nl", gender="V")
    world.save(zoe)
    assert gender(world, zoe) == "F"
    for given, there in (("M", "M"), ("X", None), ("V", "F")):
        world.crm.data.contacts.change(zoe, {"gender": given}, silent=True)
        assert world.save(zoe).outcome is Outcome.UPDATED
        assert gender(world, zoe) == there
        assert world.save(zoe).outcome is Outcome.UNCHANGED


def gender(world: World, contact_id: str) -> object:
    found = world.in_spotler(contact_id)
    assert found is not None
    return found.properties.get("gender")
