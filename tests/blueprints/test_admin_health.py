"""The checks on the overview: what Redis knows comes later, and each finding says what to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from rq import Worker

from spotler_plugin.extensions import db, redis_server
from spotler_plugin.jobs.queue.enqueue import queue
from spotler_plugin.jobs.schedule import scheduler
from spotler_plugin.models import (
    Connection,
    ConnectionState,
    Environment,
    Event,
    EventType,
    Feed,
    Inbox,
    MappingRow,
    Property,
    Run,
    RunItem,
    RunKind,
    RunState,
    Source,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.account.limiter import Limiter, Limits, redis_keys
from tests.blueprints.widget import Widget, words

URL = "/admin/health"


def now() -> datetime:
    """When asked: a constant would be from the beginning of the whole suite."""
    return datetime.now(UTC)


def connected(owner: Environment, state: ConnectionState = ConnectionState.CONNECTED) -> None:
    refused_at = now() if state is ConnectionState.REFUSED else None
    db.session.add(
        Connection(environment_id=owner.id, key="k", secret="s", key_ending="k", secret_ending="s",
                   state=state, proved_at=now(), refused_at=refused_at, connected_by="Alice")
    )  # fmt: skip


def waiting(owner: Environment, since: datetime, **of_run: object) -> None:
    run = Run(id=uuid4(), environment_id=owner.id, request_token=uuid4(), kind=RunKind.SYNC,
              source=Source.ADMIN, created_at=since, selected=1, **of_run)  # fmt: skip
    db.session.add(run)
    db.session.flush()
    db.session.add(RunItem(environment_id=owner.id, run_id=run.id, contact_id="c-1", due_at=since))


@pytest.fixture
def alive() -> None:
    """A worker and a scheduler, as they register themselves."""
    worker = Worker([queue()], connection=redis_server.queue)
    worker.register_birth()  # type: ignore[no-untyped-call] # RQ left this one untyped
    scheduler().register_birth()


def test_the_first_paint_does_without_redis(without_redis: None, admin: Widget) -> None:
    first = admin.get("/admin/overview").text
    assert 'hx-trigger="load, every 15s' in first
    assert first.count("Wordt nagekeken…") == 6


def test_what_is_swapped_in_does_not_load_again(admin: Widget) -> None:
    assert 'hx-trigger="every 15s' in admin.get(URL).text


def test_nobody_is_alive(admin: Widget) -> None:
    shown = words(admin.get(URL))
    assert "Een onderdeel werkt niet" in shown, "a fault counts once"
    assert "Synchroniseren Kapot Er wordt nu niet gesynchroniseerd." in shown
    assert "Workers Kapot Er is geen worker aan het werk. Meld dit" in shown
    assert "Planner Kapot Er is geen planner" in shown


def test_all_is_well(admin: Widget, environment: Environment, alive: None) -> None:
    connected(environment)
    db.session.add(Feed(environment_id=environment.id, read_at=now(), full_finished_at=now()))
    gate = Limiter(redis_server.queue, environment.id, Limits(0, 0))
    for tenths in range(1, 21):
        gate.enter("call", person=False)
        gate.leave("call", good=True, seconds=tenths / 10)
    shown = words(admin.get(URL))
    assert "Alles werkt" in shown and "Kapot" not in shown and "Let op" not in shown
    assert "De helft binnen 1,1 s, 19 van de 20 binnen 2 s (laatste 20 aanroepen)." in shown
    assert "1 is aan het werk." in shown and "Laatste antwoord: zojuist" in shown


def event_of(owner: Environment, due_at: datetime) -> None:
    db.session.add(
        Event(environment_id=owner.id, webhook_id=uuid4().hex, type=EventType.CONTACT_CHANGED,
              contact_id="c-1", data={}, sent_at=now(), received_at=now(), due_at=due_at)
    )  # fmt: skip


def test_events_that_wait(admin: Widget, environment: Environment) -> None:
    assert "Gebeurtenissen Nog niets Yoobi heeft nog niets gemeld." in words(admin.get(URL))
    event_of(environment, now() - timedelta(seconds=10))
    event_of(environment, now() + timedelta(minutes=10))
    shown = words(admin.get(URL))
    assert "Gebeurtenissen In orde 1 gebeurtenis wacht op haar beurt. Oudste:" in shown
    event_of(environment, now() - timedelta(minutes=10))
    shown = words(admin.get(URL))
    assert "2 gebeurtenissen wachten op hun beurt. Niemand pakt dat op." in shown


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (None, "In orde Wat in Yoobi wijzigde is bijgelezen. Bijgelezen tot: zojuist"),
        (Reason.CRM_AWAY, "Let op Wat in Yoobi wijzigde was niet op te vragen. Yoobi is nu niet"),
        (Reason.CRM_REFUSED, "Kapot Wat in Yoobi wijzigde was niet op te vragen. Yoobi laat de"),
    ],
)
def test_the_list_of_changes(
    admin: Widget, environment: Environment, error: Reason | None, says: str
) -> None:
    db.session.add(Inbox(environment_id=environment.id, read_at=now(), error=error))
    assert f"Gebeurtenissen {says}" in words(admin.get(URL))


def test_contacts_that_cannot_be_read(admin: Widget, environment: Environment, alive: None) -> None:
    connected(environment)
    read = {"read_at": now(), "full_finished_at": now()}
    db.session.add(Feed(environment_id=environment.id, skipped=2, **read))
    shown = words(admin.get(URL))
    assert "2 contacten in Spotler zijn niet te lezen en zijn overgeslagen." in shown


@time_machine.travel(datetime(2026, 11, 25, 12, tzinfo=UTC), tick=False)
def test_who_asked_for_a_pause_and_until_when(
    admin: Widget, environment: Environment, alive: None
) -> None:
    connected(environment)
    until = int((now() + timedelta(minutes=15)).timestamp() * 1000)
    redis_server.queue.hset(redis_keys(environment.id)[0], "paused_until", until)
    shown = words(admin.get(URL))
    assert "Spotler vroeg om te wachten tot 25 nov 2026 13:15." in shown


def test_a_killed_worker_is_not_alive(admin: Widget, alive: None) -> None:
    [worker] = Worker.all(connection=redis_server.queue)
    long_ago = (now() - timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    redis_server.queue.hset(worker.key, "last_heartbeat", long_ago)
    assert "Er is geen worker aan het werk." in words(admin.get(URL))


def test_without_redis_it_says_so(without_redis: None, admin: Widget) -> None:
    shown = words(admin.get(URL))
    assert "Workers Kapot Redis is niet bereikbaar: er begint geen nieuw werk." in shown
    assert shown.count("Is nu niet te zien: Redis is niet bereikbaar.") == 4
    assert "CRM Onbekend Is nu niet te zien." in shown


def test_work_that_nobody_picks_up(admin: Widget, environment: Environment) -> None:
    long_ago = now() - timedelta(minutes=12)
    waiting(environment, long_ago, enqueued_at=long_ago)
    shown = words(admin.get(URL))
    assert "Synchroniseren Kapot Er wacht werk dat niemand oppakt. Oudste: 12 minuten" in shown


def test_work_under_way_may_take_long(admin: Widget, environment: Environment, alive: None) -> None:
    waiting(environment, now() - timedelta(hours=2), enqueued_at=now())
    shown = words(admin.get(URL))
    assert "Synchroniseren In orde Er wordt gesynchroniseerd. Oudste: 2 uur geleden" in shown
    assert "Bekijk wat er loopt" in shown


def test_an_account_that_is_slow_is_told_in_plain_words(
    admin: Widget, environment: Environment, alive: None
) -> None:
    connected(environment)
    gate = Limiter(redis_server.queue, environment.id, Limits(0, 0))
    for _ in range(3):
        gate.enter("call", person=False)
        gate.leave("call", good=True, seconds=9.0)
    shown = words(admin.get(URL))
    assert "Verbinding Let op Spotler antwoordt traag." in shown
    assert "Een onderdeel vraagt aandacht" in shown


def test_a_halted_run_says_why(admin: Widget, environment: Environment) -> None:
    reason = Reason.CREDENTIALS_REFUSED
    waiting(environment, now(), state=RunState.HALTED, halted_because=reason)
    connected(environment, ConnectionState.REFUSED)
    shown = words(admin.get(URL))
    assert "Een synchronisatie staat stil. Spotler herkent deze key en secret niet." in shown
    assert "Verbinding Kapot" in shown and "Sinds: zojuist" in shown
    assert "Naar de instellingen" in shown and "Bekijk wat er loopt" in shown


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(2, "De laatste keer lukte het lezen niet."), (9, "Is te lang niet gelezen;")],
)
def test_a_feed_that_fails(
    admin: Widget, environment: Environment, minutes: int, said: str
) -> None:
    connected(environment)
    db.session.add(
        Feed(environment_id=environment.id, read_at=now() - timedelta(minutes=minutes),
             error=Reason.SPOTLER_AWAY, error_at=now(), full_finished_at=now())
    )  # fmt: skip
    shown = words(admin.get(URL))
    assert f"{said} " in shown and "Spotler is nu niet bereikbaar." in shown


def test_spotler_that_fails_again_and_again(admin: Widget, environment: Environment) -> None:
    gate = Limiter(redis_server.queue, environment.id, Limits(0, 0))
    for _ in range(5):
        gate.enter("call", person=False)
        gate.leave("call", good=False, seconds=9.0)
    shown = words(admin.get(URL))
    assert "Spotler antwoordt niet: 5 aanroepen na elkaar mislukten." in shown
    assert "Antwoordtijd Let op" in shown


def test_it_knows_this_environment_only(
    admin: Widget, other_environment: Environment, alive: None
) -> None:
    waiting(other_environment, now() - timedelta(hours=1), state=RunState.HALTED)
    connected(other_environment)
    gate = Limiter(redis_server.queue, other_environment.id, Limits(0, 0))
    gate.enter("call", person=False)
    gate.leave("call", good=True, seconds=1)
    shown = words(admin.get(URL))
    assert "er wacht niets." in shown and "nog geen verbinding" in shown
    assert "nog niet aangeroepen" in shown


@pytest.mark.parametrize(
    ("hours", "gone", "said"),
    [
        (1, 0, "Velden en permissies In orde Velden, permissies en automations zijn bijgelezen."),
        (5, 0, "Velden en permissies Let op Zijn te lang niet gelezen;"),
        (1, 1, "Let op 1 Spotler-veld van de mapping bestaat niet meer of is verborgen."),
        (1, 2, "Let op 2 Spotler-velden van de mapping bestaan niet meer of zijn verborgen."),
    ],
)
def test_the_catalogue(
    admin: Widget, environment: Environment, hours: int, gone: int, said: str
) -> None:
    connected(environment)
    db.session.execute(
        db.update(Connection)
        .where(Connection.environment_id == environment.id)
        .values(catalogue_read_at=now() - timedelta(hours=hours))
    )
    for number in range(3):
        db.session.add(
            Property(environment_id=environment.id, name=f"p{number}", description="P",
                     type=PropertyType.STRING, entries=[], gone_at=now() if number < gone else None)
        )  # fmt: skip
        db.session.add(
            MappingRow(environment_id=environment.id, entity="contact", field=f"f{number}",
                       property=f"p{number}")
        )  # fmt: skip
    assert said in words(admin.get(URL))
