"""Contacts by name: who is linked, whose last attempt went wrong and why, and trying again."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Environment,
    Link,
    MirrorContact,
    Outcome,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.reason import Reason
from tests.blueprints.widget import Widget, words

URL = "/admin/contacts"


@pytest.fixture
def people(environment: Environment, other_environment: Environment) -> None:
    """Zoë is linked, Bente was refused and Carl failed; another environment has a Zoë too."""
    now = datetime.now(UTC)
    wrong = {
        "bente": (Outcome.REJECTED, Reason.ADDRESS_REFUSED),
        "carl": (Outcome.FAILED, Reason.SPOTLER_AWAY),
    }
    run = Run(id=uuid4(), environment_id=environment.id, request_token=uuid4(), kind=RunKind.BULK,
              source=Source.BULK, created_at=now, finished_at=now, state=RunState.FINISHED,
              selected=2, rejected=1, failed=1)  # fmt: skip
    db.session.add(run)
    db.session.flush()
    for owner in (environment, other_environment):
        db.session.add(
            Link(environment_id=owner.id, contact_id="zoe", linked_at=now, synced_at=now)
        )
        db.session.add(
            MirrorContact(environment_id=owner.id, external_id="zoe", encrypted_id="e",
                          address="zoe@example.nl", active=True, permissions={},
                          bare_name="zoe osterbaan", observed_at=now,
                          properties={"firstName": "Zoë", "lastName": "Österbaan"})
        )  # fmt: skip
    for contact_id, (outcome, reason) in wrong.items():
        db.session.add(
            Link(environment_id=environment.id, contact_id=contact_id, address=f"{contact_id}@x.nl",
                 problem=reason, problem_outcome=outcome)
        )  # fmt: skip
        db.session.add(
            RunItem(environment_id=environment.id, run_id=run.id, contact_id=contact_id,
                    outcome=outcome, reason=reason, due_at=now, settled_at=now)
        )  # fmt: skip
    db.session.commit()


def test_the_linked_ones_open_in_the_crm(admin: Widget, people: None) -> None:
    answer = admin.get(URL)
    shown = words(answer)
    assert "Gekoppelde contactpersonen" in shown and shown.count("Zoë Österbaan") == 1
    assert "bente" not in shown
    assert 'data-send="contact.open"' in answer.text and "zoe" in answer.text
    assert "Zoë Österbaan" in words(admin.get(f"{URL}?query=Osterbaan"))
    assert "Er is niemand met deze naam" in words(admin.get(f"{URL}?query=bestaat"))


def test_who_went_wrong_stands_under_the_cause(admin: Widget, people: None) -> None:
    shown = words(admin.get(f"{URL}?wrong=1"))
    assert "Spotler accepteert dit e-mailadres niet." in shown
    assert "Spotler is nu niet bereikbaar." in shown
    assert "bente@x.nl" in shown and "carl@x.nl" in shown and "Zoë" not in shown
    chosen = words(admin.get(f"{URL}?wrong=1&reason=spotler_away"))
    assert "carl@x.nl" in chosen and "bente@x.nl" not in chosen


def test_one_cause_is_tried_again_in_its_run(admin: Widget, people: None) -> None:
    answer = admin.ask("POST", f"{URL}/retry", wrong="1", reason="spotler_away")
    assert "1 contactpersoon wordt opnieuw geprobeerd." in words(answer)
    db.session.expire_all()
    items = db.session.execute(db.select(RunItem.contact_id, RunItem.outcome)).all()
    assert dict(items) == {"bente": Outcome.REJECTED, "carl": Outcome.OPEN}
    again = admin.ask("POST", f"{URL}/retry", wrong="1", reason="spotler_away")
    assert "Er was niets meer om opnieuw te proberen." in words(again)


def test_the_overview_leads_to_them(admin: Widget, people: None) -> None:
    overview = admin.get("/admin/overview").text
    for url in (f"{URL}?wrong=1", f'"{URL}"', "/admin/runs?only_open=1"):
        assert url in overview
    assert "Bekijk bij wie, en waarom" in overview
