"""Synchronisaties: the list, one run under way and over, and what can be done with it."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient

from spotler_plugin.extensions import db, redis_server
from spotler_plugin.jobs.queue.enqueue import queue
from spotler_plugin.models import (
    Act,
    Environment,
    Link,
    MirrorContact,
    Outcome,
    Permission,
    Property,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
    Whom,
)
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.run.close import close_if_done
from spotler_plugin.services.run.create import create_run_for
from spotler_plugin.wording.runs import told_left
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

NUMBER = 60


@pytest.fixture
def made(environment: Environment) -> Run:
    """Sixty contacts: two updated, one refused, one without an address; the others to be done."""
    owner = environment.id
    now = datetime.now(UTC)
    for number in range(NUMBER):
        db.session.add(Link(environment_id=owner, contact_id=f"c-{number}", linked_at=now))
    db.session.add(
        MirrorContact(
            environment_id=owner,
            external_id="c-0",
            address="zoe@example.nl",
            active=True,
            permissions={},
            properties={"firstName": "Zoë", "lastName": "Österbaan"},
            bare_name="zoe osterbaan",
            observed_at=now,
        )
    )
    db.session.add(
        Property(environment_id=owner, name="city", description="Plaats", type="string", entries=[])
    )
    db.session.add(Permission(environment_id=owner, bit=1, description="Nieuwsbrief"))
    db.session.flush()
    made = create_run_for(
        environment,
        Whom.LINKED,
        kind=RunKind.MAPPING,
        actor=Actor("alice", "A. de Vries"),
        request_token=uuid4(),
    )
    items = db.session.query(RunItem).order_by(RunItem.id).all()
    for item in items[:2]:
        item.outcome, item.settled_at = Outcome.UPDATED, now
    items[0].before = Image(properties={"city": "Rotterdam"}, permissions={1: False})
    items[0].after = Image(
        properties={"email": "zoe@example.nl", "city": "=1+1"}, permissions={1: True}
    )
    items[2].outcome, items[2].reason = Outcome.REJECTED, Reason.VALUE_REFUSED
    items[2].detail = Detail(message="no <such> city")
    items[3].outcome, items[3].reason = Outcome.BLOCKED, Reason.NO_ADDRESS
    db.session.commit()
    return made


def close(made: Run) -> None:
    db.session.execute(
        db.update(RunItem).where(RunItem.outcome == Outcome.OPEN).values(outcome=Outcome.UNCHANGED)
    )
    close_if_done(made)
    db.session.commit()


def is_enqueued(made: Run) -> bool:
    found = [job.args[1] for job in queue().jobs]
    redis_server.queue.flushdb()
    return str(made.id) in found


def test_the_list_is_empty_at_first(admin: Widget) -> None:
    assert "Er is nog niets gesynchroniseerd" in words(admin.get("/admin/runs"))


def test_the_list_tells_what_who_and_how_far(admin: Widget, made: Run) -> None:
    shown = words(admin.get("/admin/runs"))
    assert "Mapping gewijzigd door A. de Vries zojuist Bezig 4 van 60 contactpersonen" in shown
    assert "1 mislukt" in shown
    close(made)
    assert "Klaar, niet alles lukte 60 contactpersonen 1 mislukt" in words(admin.get("/admin/runs"))


def test_one_run_under_way(admin: Widget, made: Run) -> None:
    answer = admin.get(f"/admin/runs/{made.id}")
    shown = words(answer)
    assert "4 van 60 contactpersonen" in shown
    assert "Bijgewerkt 2" in shown and "Geweigerd 1" in shown and "Geblokkeerd 1" in shown
    assert "Nog te doen 56" in shown
    assert "Plaats Rotterdam → werd =1+1" in shown
    assert "Nieuwsbrief uit → werd aan" in shown
    assert "Zoë Österbaan c-0" in shown
    assert "1–50 van 60" in shown
    assert "Spotler accepteert een waarde niet: „no <such> city”." in shown
    assert 'hx-trigger="every 1s"' in answer.text and "Stoppen" in shown


def test_polling_ends_by_omission(admin: Widget, made: Run) -> None:
    waiting = admin.get(f"/admin/runs/{made.id}/progress")
    assert waiting.text.strip().startswith('<section id="run-progress"')
    assert 'hx-trigger="every 1s"' in waiting.text and "HX-Retarget" not in waiting.headers
    assert 'data-announce="0 procent gedaan"' in waiting.text
    close(made)
    over = admin.get(f"/admin/runs/{made.id}/progress")
    assert over.headers["HX-Retarget"] == "#screen"
    assert "every 1s" not in over.text
    assert 'data-announce="Klaar, niet alles lukte. 60 van 60 contactpersonen"' in over.text


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ("outcome=rejected", ["c-2"]),
        ("reason=no_address", ["c-3"]),
        ("query=zoe@example", ["c-0"]),
        ("query=Österb", ["c-0"]),
        ("query=c-59", ["c-59"]),
        ("outcome=failed", []),
    ],
)
def test_contacts_are_filtered(admin: Widget, made: Run, chosen: str, found: list[str]) -> None:
    shown = words(admin.get(f"/admin/runs/{made.id}?{chosen}"))
    told = [f"c-{number}" for number in range(NUMBER) if f" c-{number} " in f"{shown} "]
    assert told == found
    assert ("Geen contactpersonen gevonden" in shown) == (not found)
    assert "Alleen: " in shown and "Selectie downloaden als CSV" in shown


@pytest.mark.parametrize("wrong", ["outcome=x", "reason=x", "page=0", "page=x", "item=-1"])
def test_what_our_page_did_not_make_is_refused(admin: Widget, made: Run, wrong: str) -> None:
    assert admin.get(f"/admin/runs/{made.id}?{wrong}").status_code == 400


def test_stopping_is_settled_first(admin: Widget, made: Run) -> None:
    shown = words(admin.ask("DELETE", f"/admin/runs/{made.id}"))
    assert "De synchronisatie wordt gestopt." in shown and "Wordt gestopt" in shown
    assert "Opnieuw proberen" not in shown
    assert is_enqueued(made)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "1 contactpersoon wordt opnieuw geprobeerd."),
        ({"outcome": "blocked", "reason": "no_address"}, "1 contactpersoon wordt opnieuw"),
        ({"outcome": "failed"}, "Er was niets meer om opnieuw te proberen."),
    ],
)
def test_trying_again(admin: Widget, made: Run, form: dict[str, str], said: str) -> None:
    close(made)
    redis_server.queue.flushdb()
    shown = words(admin.ask("POST", f"/admin/runs/{made.id}/retry", **form))
    assert said in shown
    assert ("Bezig" in shown) == ("wordt opnieuw" in said)
    assert is_enqueued(made)


def test_a_halted_run_says_why_and_goes_on_when_told(admin: Widget, made: Run) -> None:
    made.state, made.halted_because = RunState.HALTED, Reason.CREDENTIALS_REFUSED
    answer = admin.get(f"/admin/runs/{made.id}")
    assert "Spotler herkent deze key en secret niet." in words(answer)
    assert "every 1s" not in answer.text
    shown = words(admin.ask("POST", f"/admin/runs/{made.id}/resume"))
    assert "De synchronisatie gaat door." in shown and "Bezig" in shown
    assert is_enqueued(made)


def test_who_waits_for_an_older_mutation_is_told_for_which(
    admin: Widget, made: Run, environment: Environment
) -> None:
    made.kind = RunKind.BULK
    newer = create_run_for(
        environment,
        Whom.LINKED,
        kind=RunKind.BULK,
        actor=Actor("bob", "B. Jansen"),
        request_token=uuid4(),
    )
    waiting = "56 contactpersonen wachten op een eerdere synchronisatie, die voorgaat:"
    answer = admin.get(f"/admin/runs/{newer.id}/progress")
    assert f"{waiting} Bulkmutatie door A. de Vries Bezig" in words(answer)
    assert f'hx-get="/admin/runs/{made.id}"' in answer.text
    assert "wachten op" not in words(admin.get(f"/admin/runs/{made.id}"))
    made.state, made.halted_because = RunState.HALTED, Reason.CRM_REFUSED
    shown = words(admin.get(f"/admin/runs/{newer.id}"))
    assert "Wacht op herstel Die wacht op herstel. Laat die doorgaan, of stop die" in shown
    made.state = RunState.CANCELLED
    assert "wachten op" not in words(admin.get(f"/admin/runs/{newer.id}"))


def test_what_would_go_beyond_what_was_agreed_to_is_looked_at_again(
    admin: Widget, made: Run
) -> None:
    made.state, made.halted_because = RunState.HALTED, Reason.BEYOND_AGREED
    answer = admin.get(f"/admin/runs/{made.id}")
    assert "Er zou meer verdwijnen dan was afgesproken" in words(answer)
    assert "Opnieuw bekijken" in words(answer) and "Doorgaan" not in words(answer)
    shown = words(admin.ask("POST", f"/admin/runs/{made.id}/resume"))
    assert "We rekenen eerst uit wat er gebeurt met wie nog niet is gedaan." in shown
    db.session.refresh(made)
    assert made.state is RunState.HALTED and not is_enqueued(made)


def test_the_outcomes_as_a_file(admin: Widget, made: Run) -> None:
    answer = admin.get(f"/admin/runs/{made.id}/outcomes.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="synchronisatie-')
    assert answer.data.startswith('\ufeff"CRM-nummer";"Naam";'.encode())
    rows = list(csv.reader(StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == NUMBER + 1
    assert rows[1][:4] == ["c-0", "Zoë Österbaan", "zoe@example.nl", "Bijgewerkt"]
    assert rows[1][5] == "Plaats: Rotterdam → =1+1; Nieuwsbrief: uit → aan"
    assert rows[4][3:5] == [
        "Geblokkeerd",
        "Geen e-mailadres. Vul een e-mailadres in bij de contactpersoon; daarna kun je koppelen.",
    ]
    some = admin.get(f"/admin/runs/{made.id}/outcomes.csv?outcome=rejected")
    assert len(some.text.splitlines()) == 2
    assert some.headers["Content-Disposition"].endswith('-selectie.csv"')


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_a_cell_is_never_carried_out(admin: Widget, made: Run, start: str) -> None:
    row = db.session.query(MirrorContact).one()
    row.properties = {"firstName": f"{start}cmd|' /C calc'!A0"}
    answer = admin.get(f"/admin/runs/{made.id}/outcomes.csv?query=c-0")
    rows = list(csv.reader(StringIO(answer.text), delimiter=";"))
    assert rows[1][1].startswith("'")


URLS = ("", "/progress", "/outcomes.csv")


@pytest.mark.parametrize("url", URLS)
def test_another_environments_run_is_not_there(
    client: FlaskClient, launch: Launch, other_environment: Environment, made: Run, url: str
) -> None:
    token = launch("Alice", other_environment, widget="admin", resource={"type": "none"})
    theirs = Widget.launch(client, token)
    assert theirs.get(f"/admin/runs/{made.id}{url}").status_code == 404
    assert theirs.get(f"/admin/runs/{UUID(int=1)}{url}").status_code == 404
    for verb, path in (("DELETE", ""), ("POST", "/retry"), ("POST", "/resume")):
        assert theirs.ask(verb, f"/admin/runs/{made.id}{path}").status_code == 404
    assert "Mapping gewijzigd" not in words(theirs.get("/admin/runs"))


def test_only_for_administrators(client: FlaskClient, launch: Launch, made: Run) -> None:
    bob = Widget.launch(client, launch("Bob", widget="contact-modal"))
    for url in ("/admin/runs", *(f"/admin/runs/{made.id}{url}" for url in URLS)):
        assert bob.get(url).status_code == 403


def test_it_says_why_it_waits_until_when_and_tries_now(admin: Widget, made: Run) -> None:
    later = datetime.now(UTC) + timedelta(minutes=5)
    still_open = db.update(RunItem).where(RunItem.outcome == Outcome.OPEN)
    db.session.execute(still_open.values(due_at=later, reason=Reason.SPOTLER_AWAY))
    waits = "56 contactpersonen wachten: Spotler is nu niet bereikbaar. Volgende poging:"
    assert waits in words(admin.get(f"/admin/runs/{made.id}"))
    overview = words(admin.get("/admin/health"))
    assert "56 contactpersonen wachten op een nieuwe poging. Volgende poging:" in overview
    assert "Er wacht niets" not in overview
    redis_server.queue.flushdb()
    tried = words(admin.ask("POST", f"/admin/runs/{made.id}/hurry"))
    assert "Het wordt nu opnieuw geprobeerd." in tried and "wachten:" not in tried
    assert is_enqueued(made)


def test_its_contacts_follow_the_counters(admin: Widget, made: Run) -> None:
    url = f"/admin/runs/{made.id}/contacts?outcome=updated"
    assert 'hx-trigger="every 3s"' in admin.get(url).text
    assert "c-1" in words(admin.get(url)) and "c-9" not in words(admin.get(url))
    close(made)
    assert "every 3s" not in admin.get(url).text


def stopped(made: Run, rest: Outcome) -> None:
    """Stop it; `rest` is what became of those that were still open."""
    made.cancel_asked_at = datetime.now(UTC)
    still_open = db.update(RunItem).where(RunItem.outcome == Outcome.OPEN)
    db.session.execute(still_open.values(outcome=rest))
    close_if_done(made)


def test_a_stopped_run_tells_what_was_not_done(admin: Widget, made: Run) -> None:
    shown = admin.get(f"/admin/runs/{made.id}/progress").text
    assert "56 contactpersonen worden overgeslagen" in shown, "counted at each moment"
    stopped(made, Outcome.CANCELLED)
    for url in (f"/admin/runs/{made.id}", "/admin/runs"):
        assert "60 geselecteerd, 4 gedaan, 56 niet meer" in words(admin.get(url))


def test_a_run_that_is_stopped_too_late_says_that_all_were_done(admin: Widget, made: Run) -> None:
    stopped(made, Outcome.UNCHANGED)
    shown = words(admin.get(f"/admin/runs/{made.id}"))
    assert "Gestopt" in shown and "60 geselecteerd, 60 gedaan, 0 niet meer" in shown


def test_a_file_is_called_after_the_time_here(admin: Widget, made: Run) -> None:
    made.created_at = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    answer = admin.get(f"/admin/runs/{made.id}/outcomes.csv")
    assert "synchronisatie-20261124-0030.csv" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("seconds", "told", "left"),
    [(None, 40, None), (12, None, 20), (61, None, 120), (33, 30, 30), (95, 30, None), (1, 30, 10)],
)
def test_the_time_left_never_climbs(
    seconds: float | None, told: int | None, left: int | None
) -> None:
    assert told_left(seconds, told) == left


def test_who_is_inactive_says_since_when(admin: Widget, made: Run) -> None:
    at = datetime(2025, 5, 12, 10, tzinfo=UTC)
    owner = {"environment_id": made.environment_id}
    db.session.add(Act(**owner, contact_id="c-3", bit=0, enabled=False, at=at, applied_at=at,
                       source=Source.SPOTLER, ground="bounce"))  # fmt: skip
    db.session.add(MirrorContact(**owner, external_id="c-3", active=False, permissions={},
                                 properties={}, observed_at=at))  # fmt: skip
    of_one = db.update(RunItem).where(RunItem.contact_id == "c-3")
    db.session.execute(of_one.values(reason=Reason.INACTIVE))
    said = "Onbereikbaar sinds 12 mei 2025: een mailing kwam niet aan."
    assert said in words(admin.get(f"/admin/runs/{made.id}"))
    assert said in admin.get(f"/admin/runs/{made.id}/outcomes.csv").text
