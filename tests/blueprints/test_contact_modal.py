"""The modal: what it shows, what it saves, and how it tells what became of that."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    Automation,
    AutomationKind,
    AutomationOrigin,
    Connection,
    ConnectionState,
    Enrolment,
    EnrolmentState,
    Environment,
    Link,
    MirrorContact,
    Outcome,
    Permission,
    Run,
    RunItem,
    Source,
)
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import Reason, Refusal
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

MONTHLY, QUARTERLY = 1, 2


@pytest.fixture
def connected(environment: Environment) -> Environment:
    """Two permissions, two automations; c-1 is linked and gets the quarterly newsletter."""
    now, owner = datetime.now(UTC), {"environment_id": environment.id}
    automation = {"kind": AutomationKind.AUTOMATION, "origin": AutomationOrigin.LISTED}
    db.session.add_all(
        [
            Connection(**owner, key="key", secret="secret", key_ending="-key", proved_at=now,
                       secret_ending="cret", state=ConnectionState.CONNECTED, connected_by="A"),
            Permission(**owner, bit=MONTHLY, description="Maandelijkse nieuwsbrief", position=1),
            Permission(**owner, bit=QUARTERLY, description="Kwartaal nieuwsbrief", position=2),
            Automation(**owner, **automation, code="a", label="Onboarding"),
            Automation(**owner, **automation, code="b", label="Survey", active=False),
            Link(**owner, contact_id="c-1", linked_at=now, synced_at=now),
            MirrorContact(**owner, external_id="c-1", active=True, observed_at=now,
                          permissions={"2": True}, properties={"firstName": "Zoë"}),
        ]
    )  # fmt: skip
    db.session.commit()
    return environment


@pytest.fixture
def modal(client: FlaskClient, launch: Launch, connected: Environment) -> Widget:
    return Widget.launch(client, launch("Bob"))


def save(modal: Widget, **form: Any) -> TestResponse:
    """As the form sends it: what was seen, and what is on now."""
    base = {"request_token": str(uuid4()), "seen": ["1:0", "2:1"], "permission": ["2"]}
    return modal.ask("POST", "/contact-modal/save", **(base | form))


def acts() -> list[tuple[int, bool]]:
    return [(act.bit, act.enabled) for act in db.session.scalars(select(Act).order_by(Act.bit))]


def only_run() -> Run:
    return db.session.scalars(select(Run)).one()


def settle(outcome: Outcome, reason: Reason | None = None, **detail: Any) -> Run:
    """What a worker would write."""
    item = db.session.scalars(select(RunItem)).one()
    item.outcome, item.reason, item.detail = outcome, reason, Detail(**detail)
    db.session.commit()
    return only_run()


def watch(modal: Widget, run: Run) -> TestResponse:
    return modal.get(f"/contact-modal/runs/{run.id}")


def told(answer: TestResponse) -> dict[str, Any]:
    messages = json.loads(answer.headers.get("HX-Trigger", '{"crm": []}'))["crm"]
    return {message["type"]: message["payload"] for message in messages}


def test_the_first_paint_comes_from_our_tables(modal: Widget) -> None:
    assert "<h1" in modal.page
    assert "Zoë" in modal.page
    assert 'id="permission-2" name="permission" value="2" checked' in modal.page
    assert 'hx-post="/contact-modal/fresh" hx-trigger="load"' in modal.page


def test_who_reads_sees_and_cannot_save(
    client: FlaskClient, launch: Launch, connected: Environment
) -> None:
    page = Widget.launch(client, launch("Carol")).page
    assert "Je mag dit bekijken, niet wijzigen." in page
    assert 'type="submit"' not in page
    assert page.count('role="switch"') == page.count(" disabled")


def test_an_inactive_contact_cannot_be_changed(
    client: FlaskClient, launch: Launch, connected: Environment
) -> None:
    db.session.scalars(select(MirrorContact)).one().active = False
    page = Widget.launch(client, launch("Alice")).page
    assert "Dat kun je vanuit Yoobi niet terugdraaien." in page
    assert 'type="submit"' not in page
    assert 'name="seen"' not in page


def test_only_what_was_changed_is_saved(modal: Widget) -> None:
    answer = save(modal, permission=["1", "2"])
    assert "Bezig met opslaan…" in words(answer)
    assert 'hx-trigger="load delay:400ms, every 1s"' in answer.text
    assert acts() == [(MONTHLY, True)]
    assert only_run().source is Source.MODAL
    assert only_run().actor_name == "Bob"


def test_a_switch_that_was_not_shown_is_not_switched_off(modal: Widget) -> None:
    save(modal, seen=["1:0"], permission=["1"])
    assert acts() == [(MONTHLY, True)]


def test_absence_is_an_act_only_where_the_switch_was_seen_on(modal: Widget) -> None:
    save(modal, permission=[])
    assert acts() == [(QUARTERLY, False)]


def test_a_form_sent_twice_makes_one_run(modal: Widget) -> None:
    token = str(uuid4())
    first = save(modal, request_token=token, permission=["1", "2"])
    second = save(modal, request_token=token, permission=["1", "2"])
    assert first.text == second.text
    assert acts() == [(MONTHLY, True)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"request_token": "no"}, {"request_token": []}, {"seen": ["1"]}, {"seen": ["a:b"]},
        {"permission": ["-1"]}, {"permission": ["1e9"]}, {"automation": ["9" * 30]},
    ],
    ids=str,
)  # fmt: skip
def test_a_form_that_our_page_did_not_make_is_refused(modal: Widget, wrong: dict[str, Any]) -> None:
    assert save(modal, **wrong).status_code == 400
    assert acts() == []


def test_while_it_is_under_way_the_waiting_asks_again(modal: Widget) -> None:
    save(modal, permission=["1"])
    answer = watch(modal, only_run())
    assert 'hx-trigger="every 1s"' in answer.text
    assert told(answer) == {}


def test_when_spotler_is_away_the_person_may_go(modal: Widget) -> None:
    save(modal)
    answer = watch(modal, settle(Outcome.OPEN, Reason.SPOTLER_AWAY))
    assert "Spotler is nu niet bereikbaar. Je wijziging is bewaard" in words(answer)
    assert "Sluiten" in words(answer)


def test_when_all_went_well_the_modal_closes(modal: Widget) -> None:
    save(modal)
    answer = watch(modal, settle(Outcome.UPDATED))
    assert answer.headers["HX-Retarget"] == "#contact"
    assert "every 1s" not in answer.text
    assert list(told(answer)) == ["contact.synced", "toast", "modal.close"]
    assert told(answer)["contact.synced"] == {"id": "c-1", "status": "synced"}
    assert told(answer)["toast"] == {"level": "success", "text": "Opgeslagen."}


def test_what_did_not_go_along_is_told(modal: Widget) -> None:
    save(modal)
    refusal = Refusal("Postcode", "postalCode", Reason.FOREIGN_POSTCODE)
    answer = watch(modal, settle(Outcome.UPDATED, refusals=(refusal,), signed_off=(1,)))
    assert "Opgeslagen, maar niet alles ging mee." in words(answer)
    assert "Postcode is overgeslagen" in words(answer)
    assert "De afmelding gaat voor." in words(answer)
    assert list(told(answer)) == ["contact.synced"]


@pytest.mark.parametrize(
    ("outcome", "reason", "said"),
    [
        (Outcome.BLOCKED, Reason.NO_ADDRESS, "Geen e-mailadres"),
        (Outcome.REJECTED, Reason.VALUE_REFUSED, "Spotler accepteert een waarde niet"),
        (
            Outcome.FAILED,
            Reason.SPOTLER_AWAY,
            "Spotler is nu niet bereikbaar. Probeer het opnieuw.",
        ),
        (Outcome.FAILED, None, "Er ging iets mis in de plugin"),
        (Outcome.CANCELLED, None, "Gestopt. Er is niets gewijzigd."),
    ],
)
def test_what_was_not_saved_says_why_and_stays_open(
    modal: Widget, outcome: Outcome, reason: Reason | None, said: str
) -> None:
    save(modal, permission=["1", "2"])
    answer = watch(modal, settle(outcome, reason))
    assert said in words(answer)
    assert list(told(answer)) == ["contact.synced"]
    assert "data-keep" not in answer.text


def test_what_changed_meanwhile_is_shown_and_asked_again(
    modal: Widget, connected: Environment
) -> None:
    save(modal, permission=["1", "2"])
    at = datetime(2025, 5, 12, 9, tzinfo=UTC)
    db.session.add(Act(environment_id=connected.id, contact_id="c-1", bit=QUARTERLY, enabled=False,
                       at=at, applied_at=at, source=Source.SPOTLER))  # fmt: skip
    db.session.scalars(select(MirrorContact)).one().permissions = {2: False}
    answer = watch(modal, settle(Outcome.BLOCKED, Reason.SWITCHED_SINCE, moved=(QUARTERLY,)))
    assert "Intussen gewijzigd in Spotler" in words(answer)
    assert "Kwartaal nieuwsbrief is nu uit. Afgemeld op 12 mei 2025 via Spotler" in words(answer)
    assert "data-keep" in answer.text and "Weer aanzetten kan hier niet" in words(answer)
    assert list(told(answer)) == ["contact.synced"]
    assert db.session.scalars(select(RunItem)).one().seen == {1: False, 2: True}


def test_an_address_of_another_can_be_taken_over(modal: Widget) -> None:
    save(modal, permission=["1", "2"])
    answer = watch(modal, settle(Outcome.BLOCKED, Reason.ADDRESS_OF_ANOTHER, holder="c-9"))
    assert "Kies van wie het is." in words(answer)
    assert 'name="take_over" value="1"' in answer.text
    assert "data-keep" in answer.text
    save(modal, take_over="1")
    items = db.session.scalars(select(RunItem).order_by(RunItem.id)).all()
    assert [item.take_over for item in items] == [False, True]


def test_a_run_of_another_contact_or_environment_is_not_found(
    client: FlaskClient, launch: Launch, modal: Widget
) -> None:
    save(modal)
    run = only_run()
    other = Widget.launch(client, launch("Bob", resource={"type": "contact", "id": "c-2"}))
    assert watch(other, run).status_code == 404
    assert modal.get(f"/contact-modal/runs/{uuid4()}").status_code == 404
    assert save(other, request_token=str(run.request_token)).status_code == 409


class TestUnknownStart:
    @pytest.fixture
    def unknown(self, modal: Widget) -> UUID:
        automation = db.session.scalars(select(Automation.id).filter_by(label="Onboarding")).one()
        save(modal, automation=[str(automation)])
        settle(Outcome.UPDATED)
        start = db.session.scalars(select(Enrolment)).one()
        start.state = EnrolmentState.UNKNOWN
        db.session.commit()
        return start.id

    def test_a_person_is_asked(self, modal: Widget, unknown: UUID) -> None:
        answer = watch(modal, only_run())
        assert "Het is niet zeker of deze automation is gestart." in words(answer)
        assert f"/contact-modal/enrolments/{unknown}" in answer.text
        assert list(told(answer)) == ["contact.synced"]

    def decide(self, modal: Widget, unknown: UUID, decision: str) -> TestResponse:
        form = {"decision": decision, "request_token": str(uuid4())}
        return modal.ask("POST", f"/contact-modal/enrolments/{unknown}", **form)

    def states(self) -> list[str]:
        rows = db.session.scalars(select(Enrolment).order_by(Enrolment.asked_at))
        return [row.state.value for row in rows]

    def test_it_was_started(self, modal: Widget, unknown: UUID) -> None:
        answer = self.decide(modal, unknown, "started")
        assert "Gestart op" in words(answer) and "door Bob" in words(answer)
        assert answer.headers["HX-Retarget"] == "#contact"
        assert self.states() == ["started"]

    def test_it_is_started_again(self, modal: Widget, unknown: UUID) -> None:
        assert "every 1s" in self.decide(modal, unknown, "again").text
        assert self.states() == ["dropped", "waiting"]

    def test_it_is_decided_once(self, modal: Widget, unknown: UUID) -> None:
        self.decide(modal, unknown, "started")
        self.decide(modal, unknown, "again")
        assert self.states() == ["started"]

    def test_no_other_decision_counts(self, modal: Widget, unknown: UUID) -> None:
        assert self.decide(modal, unknown, "maybe").status_code == 400
        assert self.states() == ["unknown"]


class TestAfterASignOff:
    """Who signed off is switched on again where that is allowed, and on a ground only."""

    @pytest.fixture
    def signed_off(self, connected: Environment) -> Environment:
        at = datetime(2025, 5, 12, 9, tzinfo=UTC)
        db.session.add(Act(environment_id=connected.id, contact_id="c-1", bit=MONTHLY, at=at,
                           enabled=False, applied_at=at, source=Source.SPOTLER))  # fmt: skip
        db.session.commit()
        return connected

    def test_by_default_it_is_told_how_the_person_can(
        self, client: FlaskClient, launch: Launch, signed_off: Environment
    ) -> None:
        page = Widget.launch(client, launch("Bob")).page
        assert re.search(r'id="permission-1"[^>]* disabled', page)
        assert "Weer aanzetten kan hier niet" in page and "zich zelf weer aanmelden" in page
        assert 'name="seen" value="1:0"' not in page

    def test_where_it_is_allowed_a_ground_is_asked_for(
        self, client: FlaskClient, launch: Launch, signed_off: Environment
    ) -> None:
        admin = Widget.launch(client, launch("Alice", widget="admin", resource={"type": "none"}))
        assert "Permissies na afmelding" in admin.get("/admin/connection").text
        saved = admin.ask("POST", "/admin/permissions/again", allowed="1")
        assert 'id="again-allowed"' in saved.text and "checked" in saved.text
        modal = Widget.launch(client, launch("Bob"))
        assert "Weer aanzetten kan hier niet" not in modal.page
        refused = save(modal, permission=["1", "2"])
        assert refused.status_code == 422 and "op welke grond" in words(refused)
        assert acts() == [(MONTHLY, False)]
        save(modal, permission=["1", "2"], ground=" verzoek van de contactpersoon ")
        act = db.session.scalars(select(Act).filter_by(enabled=True)).one()
        assert (act.bit, act.ground) == (MONTHLY, "verzoek van de contactpersoon")

    def test_else_a_ground_is_kept_and_not_asked_for(self, modal: Widget) -> None:
        save(modal, permission=["1"], ground="bestaande klant")
        kept = {act.bit: act.ground for act in db.session.scalars(select(Act))}
        assert kept == {MONTHLY: "bestaande klant", QUARTERLY: None}


class TestSharedAddress:
    @pytest.fixture
    def doubled(self, connected: Environment) -> Environment:
        """c-2 is linked with the address that c-1 has as well."""
        now, owner = datetime.now(UTC), {"environment_id": connected.id}
        link = db.session.scalars(select(Link)).one()
        link.linked_at, link.address = None, "info@example.nl"
        mirrored = db.session.scalars(select(MirrorContact)).one()
        mirrored.external_id, mirrored.address = "c-2", "info@example.nl"
        db.session.add(Link(**owner, contact_id="c-2", linked_at=now, address="info@example.nl"))
        db.session.commit()
        return connected

    def test_it_is_asked_with_what_follows(
        self, client: FlaskClient, launch: Launch, doubled: Environment
    ) -> None:
        page = Widget.launch(client, launch("Bob")).page
        assert "Dit e-mailadres hoort ook bij Zoë." in page
        assert "Zoë wordt ontkoppeld." in page and "Er verandert niets in Spotler" in page

    def test_who_reads_is_told(
        self, client: FlaskClient, launch: Launch, doubled: Environment
    ) -> None:
        page = Widget.launch(client, launch("Carol")).page
        assert "Dit e-mailadres hoort ook bij Zoë." in page
        assert "take_over" not in page and "/address/leave" not in page

    def test_it_is_the_other_ones(
        self, client: FlaskClient, launch: Launch, doubled: Environment
    ) -> None:
        modal = Widget.launch(client, launch("Bob"))
        answer = modal.ask("POST", "/contact-modal/address/leave", owner="c-2")
        assert "Dit e-mailadres is van Zoë. Dat zei Bob" in words(answer)
        assert "Toch van deze contactpersoon" in words(answer) and "/leave" not in answer.text
        history = modal.get("/contact-modal/history?kind=link")
        assert "E-mailadres is van Zoë (c-2), zei Bob" in words(history)


class TestWhereItComesFrom:
    """Each switch tells why it is as it is, in small print; the whole on demand."""

    def act(self, environment: Environment, bit: int, enabled: bool, **columns: Any) -> None:
        at = datetime(2025, 3, 3, 9, tzinfo=UTC)
        base = {"at": at, "applied_at": at, "source": Source.BULK, "actor_name": "A. de Vries"}
        db.session.add(Act(environment_id=environment.id, contact_id="c-1", bit=bit,
                           enabled=enabled, **(base | columns)))  # fmt: skip

    def test_who_put_it_on_and_on_what_ground(
        self, client: FlaskClient, launch: Launch, connected: Environment
    ) -> None:
        self.act(connected, QUARTERLY, True, ground="bestaande klant")
        self.act(connected, MONTHLY, False, source=Source.SPOTLER)
        page = words(Widget.launch(client, launch("Bob")).get("/contact-modal/history"))
        shown = Widget.launch(client, launch("Bob")).page
        assert "Aan sinds 3 mrt 2025 door A. de Vries (bulkmutatie)" in shown
        assert "<dt>Grond</dt><dd>bestaande klant</dd>" in shown
        assert "Afgemeld op 3 mrt 2025 via Spotler" in shown
        assert "Kwartaal nieuwsbrief aangezet door A. de Vries (bulkmutatie)" in page
        assert "Maandelijkse nieuwsbrief: afgemeld via Spotler" in page

    def test_nobody_knows(self, modal: Widget) -> None:
        assert "Stond al aan in Spotler" in modal.page

    def test_what_was_asked_is_shown_as_waiting(self, modal: Widget) -> None:
        save(modal, permission=["1", "2"])
        page = modal.get(f"/contact-modal/runs/{only_run().id}")
        settle(Outcome.OPEN)
        again = modal.ask("POST", "/contact-modal/fresh")
        assert "every 1s" in page.text
        assert "Wordt aangezet, gevraagd door Bob" in words(again)
        assert 'name="seen" value="1:1"' in again.text

    @pytest.mark.parametrize("wrong", [{"kind": "x"}, {"after": "x"}], ids=str)
    def test_a_history_that_our_page_does_not_ask_for(
        self, modal: Widget, wrong: dict[str, str]
    ) -> None:
        assert modal.ask("GET", "/contact-modal/history?" + urlencode(wrong)).status_code == 400


def test_without_a_connection_there_is_nothing_to_switch(
    client: FlaskClient, launch: Launch, environment: Environment
) -> None:
    page = Widget.launch(client, launch("Alice")).page
    assert "Nog geen verbinding met Spotler" in page
    assert 'role="switch"' not in page
    assert 'type="submit"' not in page
