"""Privacy: a contact is erased on its modal, and how long things are kept is chosen."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Environment,
    Erasure,
    ErasureState,
    Link,
    MirrorContact,
    Run,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.retention.periods import Periods, chosen_periods
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

MODAL = "/contact-modal/erasure"
PERIODS = {"acts": 1825, "items": 400, "images": 90, "events": 7, "previews": 1, "drifts": 14}


@pytest.fixture
def modal(client: FlaskClient, launch: Launch) -> Widget:
    return Widget.launch(client, launch("Alice"))


def test_it_says_what_it_does_and_wants_a_word(modal: Widget, environment: Environment) -> None:
    mirrored = MirrorContact(environment_id=environment.id, external_id="c-1", active=True,
                             permissions={}, properties={"email": "zoe@example.nl"},
                             address="zoe@example.nl", observed_at=datetime.now(UTC))  # fmt: skip
    db.session.add(mirrored)
    assert "Gegevens wissen…" in modal.page
    shown = modal.get(MODAL)
    assert "In Spotler wordt het contact geanonimiseerd" in words(shown)
    refused = modal.ask("POST", MODAL, word="ja")
    assert refused.status_code == 422
    assert "Typ het woord WISSEN. Er is nog niets gewist." in words(refused)
    assert db.session.scalars(select(Erasure)).all() == []


def test_it_is_erased_at_once_here_and_waits_for_spotler(
    modal: Widget, environment: Environment
) -> None:
    db.session.add(Link(environment_id=environment.id, contact_id="c-1", address="z@example.nl",
                        linked_at=datetime.now(UTC)))  # fmt: skip
    answer = modal.ask("POST", MODAL, word=" wissen ")
    assert answer.status_code == 200
    assert "Wordt gewist" in words(answer) and "Gevraagd door Alice." in words(answer)
    link = db.session.scalars(select(Link)).one()
    assert (link.address, link.linked_at, link.problem) == (None, None, Reason.ERASED)
    row = db.session.scalars(select(Erasure)).one()
    row.reason = Reason.SPOTLER_AWAY
    waiting = modal.get(MODAL)
    assert "Spotler is nu niet bereikbaar." in words(waiting) and "every 3s" in waiting.text
    row.state, row.finished_at = ErasureState.DONE, datetime.now(UTC)
    db.session.commit()
    done = modal.get(MODAL)
    assert "every 3s" not in done.text
    fresh = modal.ask("POST", "/contact-modal/fresh")
    assert 'id="save"' not in fresh.text, "nothing can be saved"


def test_only_an_administrator_erases(client: FlaskClient, launch: Launch) -> None:
    bob = Widget.launch(client, launch("Bob"))
    assert "Gegevens wissen" not in bob.page
    assert bob.get(MODAL).status_code == 403
    assert bob.ask("POST", MODAL, word="WISSEN").status_code == 403


def test_the_page_has_who_was_erased_and_lifts_it(
    admin: Widget, modal: Widget, environment: Environment
) -> None:
    assert "Er is niemand gewist" in words(admin.get("/admin/privacy"))
    modal.ask("POST", MODAL, word="WISSEN")
    row = db.session.scalars(select(Erasure)).one()
    lift = f"/admin/privacy/erasures/{row.id}/lift"
    assert "weer toestaan" not in words(admin.get("/admin/privacy"))
    assert "niets meer om toe te staan" in words(admin.ask("POST", lift)), "not before it is done"
    row.state = ErasureState.DONE
    db.session.commit()
    assert "Koppelen weer toestaan" in words(admin.get("/admin/privacy"))
    assert "kan weer gekoppeld worden" in words(admin.ask("POST", lift))
    assert "Weer toegestaan door Alice." in words(admin.get("/admin/privacy"))
    assert "Gegevens wissen" in words(modal.get(MODAL)), "it may be asked for again"


def test_periods_are_chosen(admin: Widget, environment: Environment) -> None:
    assert 'value="400"' in admin.get("/admin/privacy").text
    url = "/admin/privacy/periods"
    wrong = admin.ask("POST", url, **PERIODS | {"events": 6, "images": 500})
    assert wrong.status_code == 422
    assert "Kies 7 tot 36.500 dagen." in words(wrong)
    assert "Dit kan niet langer zijn" in words(wrong)
    assert admin.ask("POST", url, **PERIODS | {"items": 200}).status_code == 200
    assert chosen_periods(environment.id) == Periods(items=200)


def test_a_run_says_what_of_it_is_gone(admin: Widget, environment: Environment) -> None:
    now = datetime.now(UTC)
    run = Run(id=uuid4(), environment_id=environment.id, request_token=uuid4(), kind=RunKind.SYNC,
              source=Source.ADMIN, state=RunState.FINISHED, created_at=now, finished_at=now,
              selected=3, updated=3, images_gone_at=now)  # fmt: skip
    db.session.add(run)
    db.session.commit()
    assert "Ongedaan maken kan niet meer." in words(admin.get(f"/admin/runs/{run.id}"))
    run.items_gone_at = now
    db.session.commit()
    shown = words(admin.get(f"/admin/runs/{run.id}"))
    assert "worden niet meer bewaard" in shown and "Geen contactpersonen gevonden" not in shown
