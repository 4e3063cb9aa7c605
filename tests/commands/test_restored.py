"""The database is copied while in use, and put back: nothing that waited in it is done twice."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from click.testing import Result
from cryptography.fernet import Fernet, MultiFernet
from flask import Flask
from sqlalchemy import select
from sqlalchemy.engine import URL

from spotler_plugin.config import settings
from spotler_plugin.extensions import cipher, db, redis_server
from spotler_plugin.jobs.queue.worker import AppWorker
from spotler_plugin.models import (
    AutomaticAction,
    Enrolment,
    EnrolmentState,
    Environment,
    Event,
    EventOutcome,
    Firing,
    FiringState,
    Link,
    Outcome,
    Run,
    RunKind,
    RunState,
)
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.planning.draft import Draft
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.automatic_action.edit import add_action
from spotler_plugin.services.automatic_action.fire import Transition, fire_action
from spotler_plugin.services.automatic_action.retry import due_firings, reopen_firing
from spotler_plugin.services.backup.rows import read_contacts
from spotler_plugin.services.feed.known import find_known
from spotler_plugin.services.readiness.stores import OPENS_NOTHING, keys_trouble
from spotler_plugin.services.run.items import Filter
from spotler_plugin.services.run.retry import retry_items
from spotler_plugin.services.sync.advance import advance_run
from tests.services.event.conftest import Inbox
from tests.services.sources.test_restore import backed_up
from tests.world.accounts import ALICE
from tests.world.crowd import gather, read_feed
from tests.world.world import MONTHLY, World

ON = Adjustment(note="Offerte gestuurd", switches={MONTHLY: Switch(True, "toestemming gegeven")})
EBOOK = "download e-book"


def copied(folder: Path) -> Callable[[], None]:
    """Copy the database as the operator's guide says; what is returned puts the copy back."""
    url = db.engine.url
    of_this = _of_sqlite if url.get_backend_name() == "sqlite" else _of_postgresql
    return of_this(url, folder)


def _of_sqlite(url: URL, folder: Path) -> Callable[[], None]:
    path, copy = Path(str(url.database)), folder / "backup.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute(f"VACUUM INTO '{copy}'")
    connection.close()

    def put_back() -> None:
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        shutil.copy(copy, path)

    return put_back


def _of_postgresql(url: URL, folder: Path) -> Callable[[], None]:
    schema, dump = str(url.query["options"]).rpartition("=")[2], folder / "spotler.dump"
    plain = url.set(drivername="postgresql", query={}).render_as_string(hide_password=False)
    make = ["pg_dump", "--format=custom", f"--schema={schema}", f"--file={dump}", plain]
    subprocess.run(make, check=True)
    back = ["pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error"]

    def put_back() -> None:
        subprocess.run([*back, f"--dbname={plain}", str(dump)], check=True)

    return put_back


def restore(world: World, put_back: Callable[[], None]) -> None:
    """All processes end, and the copy takes the place of what was."""
    id_ = world.environment.id
    db.session.remove()
    db.engine.dispose()
    redis_server.queue.flushdb()
    put_back()
    world.environment = db.session.get_one(Environment, id_)


def say_so(app: Flask, *options: str) -> Result:
    answer = app.test_cli_runner().invoke(args=["restored", *options])
    db.session.expire_all()
    return answer


def work_off(world: World) -> None:
    """What workers and scheduler do by themselves with all that waits."""
    inbox = Inbox(world)
    inbox.handle()
    for _ in due_firings(world.environment.id):
        raise AssertionError("nothing fires")
    for run_id in db.session.scalars(select(Run.id).where(Run.state == RunState.OPEN)).all():
        while advance_run(run_id):
            pass
    read_feed(world)
    find_known(world.environment.id)
    db.session.expire_all()


def moved(world: World, transition: str) -> None:
    """A sale reaches the phase of the action: the CRM tells."""
    told = {"id": transition, "sale_id": "s-1", "from_phase": "Lead", "to_phase": "Klant"}
    told["at"] = datetime.now(UTC).isoformat()
    action = db.session.scalars(select(AutomaticAction)).one()
    about = {"action_id": str(action.id), "contact_id": world.person("joop@example.nl")}
    Inbox(world).take("automatic_action.triggered", **about, transition=told)


def test_what_waited_in_the_copy_is_not_done_again(
    app: Flask, world: World, tmp_path: Path
) -> None:
    crowd = gather(world, 2)
    crowd.change(0, 2, first_name="Anders")
    synchronise = crowd.ask(RunKind.SYNC)
    action = add_action(world.environment.id, Draft("Welkom", "", ON), ALICE)
    noor, joop = world.person("noor@example.nl"), world.person("joop@example.nl")
    asked = world.ask(noor, {MONTHLY: True}, [world.automation(EBOOK)])
    fired = fire_action(world.environment.id, str(action.id), joop, Transition("t-1"))
    db.session.commit()
    assert fired is not None
    moved(world, "t-2")
    put_back = copied(tmp_path)

    # The work goes on; then she signs off, and the machine is lost.
    world.work(asked)
    later = world.person("later@example.nl")
    world.save(later)
    world.sign_off(noor, MONTHLY)
    triggers = len(world.calls("POST", "/automation/trigger/*"))
    assert triggers == 1
    restore(world, put_back)
    assert db.session.scalar(select(Link).where(Link.contact_id == later)) is None

    answer = say_so(app, "--yes")
    assert answer.exit_code == 0
    assert answer.output == (
        "acme: 1 runs stopped; to be decided by a person: 1 automations, "
        "1 automatic actions, 1 events.\n"
    )
    work_off(world)
    assert len(world.calls("POST", "/automation/trigger/*")) == triggers, "at most once"
    found = world.in_spotler(noor)
    assert found is not None and not found.permissions[MONTHLY], "who signed off stays so"
    assert db.session.scalars(select(Enrolment.state)).one() is EnrolmentState.UNKNOWN
    assert db.session.get_one(Run, asked).state is RunState.CANCELLED
    assert retry_items(world.environment.id, asked, Filter(outcome=Outcome.CANCELLED)) == 0
    event = db.session.scalars(select(Event)).one()
    assert (event.outcome, event.reason) == (EventOutcome.FAILED, Reason.RESTORED)
    firing = db.session.get_one(Firing, fired)
    assert (firing.state, firing.reason) == (FiringState.FAILED, Reason.RESTORED)

    # What does no harm goes on, and who was linked meanwhile is found.
    assert db.session.get_one(Run, synchronise).state is RunState.FINISHED
    assert world.first_name(crowd.ids[0]) == "Anders"
    linked = select(Link.contact_id).where(Link.linked_at.is_not(None))
    assert {noor, later} <= set(db.session.scalars(linked))
    assert reopen_firing(world.environment.id, fired), "a person may say that it was not done"
    assert say_so(app, "--yes").exit_code == 0, "twice is no harm"


def test_it_is_not_said_while_a_worker_runs(app: Flask, world: World) -> None:
    asked = world.ask(world.person("noor@example.nl"), {MONTHLY: True})
    assert say_so(app).exit_code == 1, "without an answer nothing is done"
    worker = AppWorker(app)
    worker.register_birth()  # type: ignore[no-untyped-call] # RQ left it untyped
    answer = say_so(app, "--yes")
    worker.register_death()
    assert answer.exit_code == 1 and "Stop all of them first." in answer.output
    assert db.session.get_one(Run, asked).cancel_asked_at is None


def with_keys(*keys: str) -> None:
    """As after a restart with these `SECRET_KEYS`."""
    cipher.use(MultiFernet([Fernet(key) for key in keys]), keys)
    db.session.expire_all()


def test_a_copy_is_opened_with_the_keys_of_its_day(
    app: Flask, world: World, tmp_path: Path
) -> None:
    (then,), new = settings().secret_keys, Fernet.generate_key().decode()
    backup_id = backed_up(world).id
    put_back = copied(tmp_path)
    with_keys(new, then)
    assert app.test_cli_runner().invoke(args=["environment", "encrypt-anew"]).exit_code == 0
    with_keys(new)
    assert keys_trouble() is None, "those of before are needed no more"

    restore(world, put_back)
    with_keys(new)
    assert keys_trouble() == OPENS_NOTHING, "but for the copy"
    with_keys(new, then)
    assert keys_trouble() is None
    kept = [each for _, each in read_contacts(world.environment.id, backup_id)]
    assert kept and all(world.in_spotler(each.external_id) for each in kept if each.external_id)
