"""A form that is sent twice at once is answered twice: with the thing that exists by then."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import responses
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from spotler_plugin.extensions import Model, db
from spotler_plugin.models import (
    Automation,
    Connection,
    Environment,
    Outcome,
    Preview,
    PreviewState,
    Property,
    Run,
    RunItem,
    RunKind,
    Whom,
)
from spotler_plugin.services.catalogue.fingerprint import fingerprint_of
from tests.blueprints.conftest import SPOTLER
from tests.blueprints.widget import Widget, words
from tests.cast import Launch
from tests.services.run.ledger import ask, close, link
from tests.two import Two

CODE = "8f14e45f-ceea-467a-9575-2b7d1c3c1b2a"
Sent = tuple[str, str, dict[str, Any]]
"""A request: verb, URL and form."""


def count(model: type[Model]) -> int:
    return db.session.scalars(select(func.count()).select_from(model)).one()


def at_once(app: Flask, two: Two, widget: Widget, *requests: Sent) -> list[TestResponse]:
    """Send all; each has looked around, and waits for the environment, when the first goes on."""

    def send(request: Sent) -> TestResponse:
        verb, url, form = request
        return Widget(app.test_client(), "", widget.session).ask(verb, url, **form)

    with two.stopped(select(Environment.id)) as thread:
        under_way = []
        for request in requests:
            under_way.append(two.begin(thread, partial(send, request)))
            two.until_waiting(*under_way)
    answers = [each.result() for each in under_way]
    db.session.expire_all()
    return answers


def statuses(answers: list[TestResponse]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_a_contact_is_saved(app: Flask, launch: Launch, two: Two, connected: Environment) -> None:
    modal = Widget.launch(app.test_client(), launch("Bob"))
    form = {"request_token": str(uuid4()), "seen": [], "permission": []}
    save = ("POST", "/contact-modal/save", form)
    answers = at_once(app, two, modal, save, save, save)
    assert statuses(answers) == {200: 3}
    assert (count(Run), count(RunItem)) == (1, 1)
    run_id = db.session.scalars(select(Run.id)).one()
    assert all(str(run_id) in answer.text for answer in answers)


def test_an_automation_is_added(app: Flask, admin: Widget, two: Two) -> None:
    add = ("POST", "/admin/automations", {"name": "Welkom", "code": CODE})
    answers = at_once(app, two, admin, add, add, add)
    assert statuses(answers) == {200: 1, 422: 2}
    there = "Deze trigger code staat al in de lijst: Welkom."
    assert sum(there in words(answer) for answer in answers) == 2
    assert count(Automation) == 1


def test_an_automation_is_added_that_spotler_lists_at_that_moment(
    app: Flask, admin: Widget, two: Two, connected: Environment, wire: responses.RequestsMock
) -> None:
    listed = {"id": "1", "name": "Welkom", "active": True,
              "triggers": [{"code": CODE, "name": "start"}]}  # fmt: skip
    wire.replace("GET", f"{SPOTLER}/automation/list", json=[listed])
    prove: Sent = ("POST", "/admin/connection/proof", {})
    add: Sent = ("POST", "/admin/automations", {"name": "Welkom", "code": CODE})
    for requests in ((prove, add), (add, prove)):
        assert 500 not in statuses(at_once(app, two, admin, *requests))
    assert count(Automation) == 1


@pytest.mark.parametrize("urls", [("", ""), ("/proof", "/proof"), ("", "/proof"), ("/proof", "")])
def test_a_key_is_saved_and_proved(
    app: Flask,
    admin: Widget,
    two: Two,
    connected: Environment,
    wire: responses.RequestsMock,
    urls: tuple[str, str],
) -> None:
    form = {"key": "consumer-key-0001", "secret": "consumer-secret-9z8y"}
    requests = [("POST", f"/admin/connection{url}", form) for url in urls]
    assert statuses(at_once(app, two, admin, *requests)) == {200: 2}
    assert (count(Connection), count(Property)) == (1, 1)


def test_a_key_is_saved_while_the_connection_is_broken(
    app: Flask, admin: Widget, two: Two, connected: Environment, wire: responses.RequestsMock
) -> None:
    form = {"key": "consumer-key-0001", "secret": "consumer-secret-9z8y"}
    save: Sent = ("POST", "/admin/connection", form)
    disconnect: Sent = ("DELETE", "/admin/connection", {})
    for requests in ((save, disconnect), (disconnect, save)):
        assert statuses(at_once(app, two, admin, *requests)) == {200: 2}


def test_a_preview_is_confirmed(
    app: Flask, admin: Widget, two: Two, environment: Environment
) -> None:
    link(environment, 3)
    row = Preview(id=uuid4(), environment_id=environment.id, whom=Whom.LINKED, kind=RunKind.SYNC,
                  state=PreviewState.READY, actor_id="alice", actor_name="Alice",
                  mapping_version=0, catalogue=fingerprint_of(environment.id), base=[], proposal=[],
                  tally={}, samples=[], created_at=datetime.now(UTC),
                  finished_at=datetime.now(UTC))  # fmt: skip
    db.session.add(row)
    db.session.commit()
    confirm: Sent = ("POST", f"/admin/previews/{row.id}", {})
    assert statuses(at_once(app, two, admin, confirm, confirm)) == {200: 2}
    assert (count(Run), count(RunItem)) == (1, 3)


def test_a_run_is_retried(app: Flask, admin: Widget, two: Two, environment: Environment) -> None:
    link(environment, 3)
    made = ask(environment)
    rows = db.session.scalars(select(RunItem))
    for item in rows:
        item.outcome = Outcome.FAILED
    close(made)
    retry: Sent = ("POST", f"/admin/runs/{made.id}/retry", {})
    assert statuses(at_once(app, two, admin, retry, retry)) == {200: 2}
    assert {item.outcome for item in db.session.scalars(select(RunItem))} == {Outcome.OPEN}
