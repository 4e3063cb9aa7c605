"""One contact that Spotler will not have keeps no other from being written."""

from __future__ import annotations

from uuid import uuid4

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import MirrorContact, Outcome, Run, RunItem, RunKind, Source
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.run.create import create_run
from spotler_plugin.services.run.items import Filter
from spotler_plugin.services.run.retry import retry_items
from tests.world.accounts import ALICE
from tests.world.crowd import Crowd, work

NUMBER = 100

pytestmark = pytest.mark.people(NUMBER)


def rename_all(crowd: Crowd) -> Run:
    """Everybody gets another name in the CRM, and a run carries that over."""
    crowd.change(0, NUMBER, first_name="Anders")
    made, _ = create_run(
        crowd.world.environment.id,
        crowd.ids,
        kind=RunKind.BULK,
        source=Source.BULK,
        actor=ALICE,
        request_token=uuid4(),
    )
    db.session.commit()
    return work(made.id)


@pytest.mark.parametrize(
    ("code", "calls"),
    [
        # The contact itself is refused: the others go in the same call.
        ("PROPERTY_INVALID", 1),
        # The whole call is refused: halved until the culprit stands alone.
        ("INVALID_PARAMS", 15),
    ],
)
def test_one_is_rejected_and_ninety_nine_are_written(crowd: Crowd, code: str, calls: int) -> None:
    world, bad = crowd.world, crowd.ids[37]
    world.control("PUT", "/settings", forced_codes={bad: code})
    before = len(world.calls("POST", "/contact/list"))
    made = rename_all(crowd)
    assert (made.updated, made.rejected, made.selected) == (NUMBER - 1, 1, NUMBER)
    assert len(world.calls("POST", "/contact/list")) - before <= calls
    item = db.session.query(RunItem).filter_by(run_id=made.id, outcome=Outcome.REJECTED).one()
    assert (item.contact_id, item.reason) == (bad, Reason.VALUE_REFUSED)
    names = {
        row.external_id: row.properties.get("firstName") for row in db.session.query(MirrorContact)
    }
    assert names.pop(bad) == "Persoon 37", "what was not written is not in the mirror"
    assert {names[id_] for id_ in crowd.ids if id_ != bad} == {"Anders"}
    written = world.in_spotler(crowd.ids[38])
    assert written is not None and written.properties["firstName"] == "Anders"

    world.control("PUT", "/settings", forced_codes={})
    assert retry_items(world.environment.id, made.id, Filter(item=item.id)) == 1
    db.session.commit()
    made = work(made.id)
    assert (made.updated, made.rejected, made.selected) == (NUMBER, 0, NUMBER)


def test_before_and_after_are_kept(crowd: Crowd) -> None:
    made = rename_all(crowd)
    item = db.session.query(RunItem).filter_by(run_id=made.id, contact_id=crowd.ids[5]).one()
    assert item.before is not None and item.after is not None
    assert item.before.properties == {"firstName": "Persoon 5"}
    assert item.after.properties["firstName"] == "Anders"
