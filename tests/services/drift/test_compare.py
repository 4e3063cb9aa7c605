"""CRM and Spotler compared, over the sandbox and the demo CRM: who differs, in what, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Drift,
    DriftItem,
    DriftKind,
    DriftState,
    Environment,
    Feed,
    Link,
    MirrorContact,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.drift.advance import advance_drift
from spotler_plugin.services.drift.difference import ACTIVE, PERMISSION, Side
from spotler_plugin.services.drift.items import DriftView, Filter, page_of_drift
from spotler_plugin.services.drift.report import differing_linked, standing_of
from spotler_plugin.services.drift.request import request_drift
from spotler_plugin.services.mapping.store import save_mapping, saved_mapping
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd
from tests.world.world import MONTHLY, World

pytestmark = pytest.mark.people(12)

WRITES = ("POST", "PUT", "DELETE", "PATCH")


@pytest.fixture
def crowd(crowd: Crowd) -> Iterator[Crowd]:
    """Twelve that are linked and equal; and nothing may be written from here on."""
    before = _written(crowd.world)
    yield crowd
    assert _written(crowd.world) == before


def _written(world: World) -> list[int]:
    """How often Spotler and the CRM were asked to change something."""
    patched = [call for call in world.crm.data.calls.all() if call.method != "GET"]
    return [*(len(world.calls(method)) for method in WRITES), len(patched)]


def asked(world: World) -> Drift:
    row = request_drift(world.environment, ALICE)
    db.session.commit()
    return row


def compared(world: World) -> Drift:
    """A comparison, to its end."""
    return worked(asked(world))


def worked(row: Drift) -> Drift:
    while advance_drift(row.environment_id, row.id):
        pass
    db.session.refresh(row)
    return row


def found(row: Drift, kind: DriftKind | None = None, **chosen: Any) -> dict[str, DriftView]:
    page = page_of_drift(row.environment_id, row.id, Filter(kind, **chosen), 1)
    return {each.contact_id or each.address: each for each in page.rows}


def edit_in_spotler(world: World, contact_id: str, **properties: Any) -> None:
    """Somebody changes it there, now."""
    contact = {"externalId": contact_id, "properties": properties}
    world.control("POST", "/contacts", contacts=[contact])


def test_all_are_equal(crowd: Crowd) -> None:
    row = compared(crowd.world)
    assert (row.state, row.equal, row.compared) == (DriftState.READY, 12, 12)
    assert differing_linked(row) == 0
    # The sandbox's own contacts are none of the CRM's.
    assert row.counts.keys() <= {DriftKind.WITHOUT_ID, DriftKind.UNKNOWN_ID}


def test_each_kind_of_linked_contact(crowd: Crowd) -> None:
    world, ids = crowd.world, crowd.ids
    edit_in_spotler(world, ids[0], firstName="Elders")
    crowd.change(1, 2, first_name="Anders")
    edit_in_spotler(world, ids[2], firstName="Elders")
    crowd.change(2, 3, first_name="Anders")
    world.control("DELETE", f"/contacts/{ids[3]}")
    world.crm.data.contacts.delete(ids[4], silent=True)
    edit_in_spotler(world, ids[5], firstName="Elders")
    world.control("POST", f"/contacts/{ids[5]}/opt-out")
    crowd.change(6, 7, email=None)
    world.control("POST", f"/contacts/{ids[7]}/opt-out")

    row = compared(world)
    assert row.state is DriftState.READY
    different = found(row, DriftKind.DIFFERENT)
    sides = {id_: one.differences[0].side for id_, one in different.items()}
    assert sides == {
        ids[0]: Side.SPOTLER,
        ids[1]: Side.CRM,
        ids[2]: Side.BOTH,
        ids[5]: Side.SPOTLER,
        ids[6]: Side.CRM,
    }
    [name] = different[ids[0]].differences
    assert (name.property, name.expected, name.found, name.wrote) == (
        "firstName",
        "Persoon 0",
        "Elders",
        "Persoon 0",
    )
    assert name.wrote_at is not None and name.run_id is not None
    assert different[ids[0]].changed_at is not None
    assert different[ids[0]].may_be_synchronised
    assert different[ids[5]].reason is Reason.INACTIVE
    assert different[ids[6]].reason is Reason.NO_ADDRESS
    assert different[ids[6]].differences[0].expected is None
    assert found(row, DriftKind.MISSING).keys() == {ids[3]}
    assert found(row, DriftKind.GONE).keys() == {ids[4]}
    assert row.equal == 12 - 7, "who is inactive and has the same values is equal"
    assert row.compared == row.to_compare == row.equal + differing_linked(row) == 12
    assert row.by_property == {"firstName": 4, "email": 1}
    assert found(row, property="email").keys() == {ids[6]}
    assert found(row, query="PERSOON2@").keys() == {ids[2]}

    again = compared(world)
    assert again.counts == row.counts, "who vanished in Spotler is still told"
    newest = compared(world)
    kept = set(db.session.scalars(select(Drift.id)))
    assert kept == {again.id, newest.id}, "older ones are forgotten"
    assert set(db.session.scalars(select(DriftItem.drift_id))) == kept


def test_a_value_that_does_not_fit(crowd: Crowd) -> None:
    """Both sides are not equal, and no synchronisation makes them so."""
    owner = crowd.world.environment
    save_mapping(owner, saved_mapping(owner.id) | {("contact", "postcode"): "postalCode"})
    db.session.commit()
    crowd.change(0, 1, postcode="B-2000")
    row = compared(crowd.world)
    assert row.mapping_version == owner.mapping_version
    unfit = found(row, DriftKind.UNFIT)
    assert unfit.keys() == {crowd.ids[0]}
    [refusal] = unfit[crowd.ids[0]].refusals
    assert refusal.reason is Reason.FOREIGN_POSTCODE
    assert row.equal == 11


def test_one_sided_contacts(crowd: Crowd) -> None:
    world = crowd.world
    known = world.person("bekend@example.nl")
    planted = [
        {"externalId": known, "email": "bekend@example.nl"},
        {"externalId": "nobody-1", "email": "niemand@example.nl"},
        {"externalId": "geen nummer, van ons", "email": "odd@example.nl"},
        {"email": "zonder@example.nl"},
    ]
    world.control("POST", "/contacts", contacts=planted)
    row = compared(world)
    unlinked = found(row, DriftKind.UNLINKED).keys() | set(
        db.session.scalars(select(Link.contact_id).where(Link.linked_at.is_not(None)))
    )
    assert known in unlinked
    assert {"nobody-1", "geen nummer, van ons"} <= found(
        row, DriftKind.UNKNOWN_ID, query="@example.nl"
    ).keys()
    assert found(row, DriftKind.WITHOUT_ID, query="zonder@").keys() == {"zonder@example.nl"}


def test_to_whom_nothing_was_written_yet(crowd: Crowd) -> None:
    """What Spotler had before stays where the CRM has nothing, and is no difference."""
    db.session.execute(update(Link).where(Link.contact_id == crowd.ids[0]).values(synced_at=None))
    db.session.commit()
    crowd.change(0, 2, phone=None)
    row = compared(crowd.world)
    assert found(row, DriftKind.DIFFERENT).keys() == {crowd.ids[1]}


def test_where_the_mirror_was_wrong(crowd: Crowd) -> None:
    """It is told, and the reading puts the mirror right."""
    world, ids = crowd.world, crowd.ids
    long_ago = datetime.now(UTC) - timedelta(hours=1)
    contacts = [{"externalId": id_, "lastChanged": long_ago.isoformat()} for id_ in ids]
    # Nor does an id that is longer than any of ours end the comparison.
    long = {"externalId": "x" * 200, "email": "lang@example.nl"}
    contacts.append(long | {"lastChanged": long_ago.isoformat()})
    world.control("POST", "/contacts", contacts=contacts)
    _mirror(ids[0], properties={"email": "persoon0@example.nl", "firstName": "Vroeger"})
    _mirror(ids[1], permissions={MONTHLY: True})
    _mirror(ids[2], active=False)
    db.session.execute(delete(MirrorContact).where(MirrorContact.external_id == ids[3]))
    db.session.execute(update(Feed).values(full_finished_at=datetime.now(UTC)))
    db.session.commit()
    row = compared(world)
    wrong = found(row, DriftKind.MIRROR)
    assert wrong.keys() == {*ids[:4], "x" * 120}
    names = {each.property for each in wrong[ids[0]].differences}
    assert "firstName" in names and "lastName" in names
    [bit] = wrong[ids[1]].differences
    assert (bit.property, bit.expected, bit.found) == (f"{PERMISSION}{MONTHLY}", True, False)
    assert [each.property for each in wrong[ids[2]].differences] == [ACTIVE]
    assert wrong[ids[3]].differences == ()
    assert differing_linked(row) == 0, "and CRM and Spotler are equal for all that"
    assert DriftKind.MIRROR not in compared(world).counts


def _mirror(contact_id: str, **values: Any) -> None:
    db.session.execute(
        update(MirrorContact)
        .where(MirrorContact.external_id == contact_id)
        .values(**values, observed_at=datetime.now(UTC) - timedelta(minutes=30))
    )


def test_what_the_feed_did_not_tell_yet_is_no_mistake(crowd: Crowd) -> None:
    edit_in_spotler(crowd.world, crowd.ids[0], firstName="Elders")
    row = compared(crowd.world)
    assert DriftKind.MIRROR not in row.counts
    assert row.counts[DriftKind.DIFFERENT] == 1


def test_another_account_meanwhile(world: World) -> None:
    row = asked(world)
    assert asked(world) is row, "there is one at a time"
    db.session.execute(update(Environment).values(account_since=datetime.now(UTC)))
    db.session.commit()
    row = worked(row)
    assert (row.state, row.reason) == (DriftState.FAILED, Reason.FORMER_ACCOUNT)
    assert standing_of(world.environment.id).latest is None
