"""One environment never sees nor touches another's anything: all routes and tables are walked.

Acme has a row in every table, with a word of its own in each text. Bolt, whose contacts happen to
have the same ids, asks every route for acme's rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import ForeignKey, Select, bindparam, literal, select, union_all, update
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from spotler_plugin.embedding import Session, seal
from spotler_plugin.embedding.launch_token import WIDGETS
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment
from spotler_plugin.services.actor import Actor
from tests.everything import CONTACT, MARK, Keys, rules
from tests.tenancy import OWNED, stray

WITHOUT_SESSION = {"api.actions", "api.status", "api.statuses", "backup_file.send",
                   "event_intake.take",
                   "static", "assets.module", "health.alive", "health.ready", "launch.launch",
                   "launch.renew", "metrics.show", "openapi.of_crm",
                   "openapi.of_plugin"}  # fmt: skip
"""Routes that need none, or another proof of who asks: these are tested where they belong."""

Rows = dict[str, Sequence[Any]]


def ask(client: FlaskClient, rule: Rule, method: str, keys: Keys, session: str) -> TestResponse:
    """For acme's rows, in the address as in the form."""
    arguments = {}
    for name in rule.arguments:
        table = name.removesuffix("_id")
        assert table in keys, f"{rule.rule}: which row of acme's is its {name}?"
        arguments[name] = keys[table]
    form = {
        **{f"{table}_id": key for table, key in keys.items()},
        "automation": keys["automation"],
        "item": keys["run_item"],
        "request_token": db.session.scalar(select(OWNED["run"].c.request_token)),
        "permission": "1",
        "seen": "1:0",
        "decision": "started",
        "number": "1",
    }
    return client.open(
        rule.rule if not arguments else rule.build(arguments)[1],  # type: ignore[index] # built, for all are given
        method=method,
        headers={"Authorization": f"Bearer {session}", "HX-Request": "true"},
        query_string=form if method in ("GET", "DELETE") else None,
        data=form if method not in ("GET", "DELETE") else None,
    )


def of_an_environment(name: str) -> Select[Any]:
    table = OWNED[name]
    wanted = select(table).where(table.c.environment_id == bindparam("environment_id"))
    return wanted.order_by(*table.primary_key.columns)


def crossing(name: str, key: ForeignKey) -> Select[Any]:
    """The column's name, when a row points by it to a row of another environment."""
    table = OWNED[name]
    # Some point into their own table.
    other = key.column.table.alias()
    pairs = select(table).join(other, other.c[key.column.name] == key.parent)
    strays = pairs.where(other.c.environment_id != table.c.environment_id)
    return select(literal(f"{name}.{key.parent.name}")).where(strays.exists())


# Made once: making these takes longer than executing them, and each request is followed by all.
ROWS = {name: of_an_environment(name) for name in OWNED}
CROSSINGS = union_all(
    *(
        crossing(name, key)
        for name, table in OWNED.items()
        for key in table.foreign_keys
        if key.column.table.name in OWNED
    )
)


def rows(environment_id: int) -> Rows:
    """All that an environment has."""
    given = {"environment_id": environment_id}
    return {name: db.session.execute(wanted, given).all() for name, wanted in ROWS.items()}


def crossings() -> list[str]:
    """Columns by which a row points to a row of another environment."""
    return list(db.session.scalars(CROSSINGS))


def test_no_route_shows_or_touches_what_is_anothers(
    app: Flask,
    client: FlaskClient,
    acme: dict[str, Any],
    other_environment: Environment,
    nobody_calls_out: None,
) -> None:
    sessions = {
        widget: seal(
            Session(
                environment=other_environment,
                actor=Actor("bob", "Bob"),
                widget=widget,
                # Acme has a selection with this id too.
                resource_type="selection" if "selection" in types else "contact",
                resource_id=MARK if "selection" in types else CONTACT,
                permission="admin",
                origin=other_environment.crm_origins[0],
                lang="nl",
                channel="channel",
            )
        )
        for widget, (types, _least) in WIDGETS.items()
    }
    before = rows(acme["environment"])
    unguarded, unreached = [], []
    for rule, method in rules(app):
        if rule.endpoint in WITHOUT_SESSION:
            continue
        if ask(client, rule, method, acme, "").status_code != 401:
            unguarded.append(rule.endpoint)
        statuses = set()
        for session in sessions.values():
            answer = ask(client, rule, method, acme, session)
            statuses.add(answer.status_code)
            said = f"{method} {rule.rule} answers {answer.status}"
            assert answer.status_code < 500, said
            assert MARK not in answer.text and MARK not in str(answer.headers), said
            db.session.expire_all()
            assert rows(acme["environment"]) == before, f"{said}, and acme's rows are others"
            assert crossings() == [], said
        if statuses == {403}:
            unreached.append(rule.endpoint)
    assert unguarded == [], "a route without a session is listed in WITHOUT_SESSION"
    assert unreached == [], "no widget may ask this, so nothing was tested"


def test_a_row_that_points_into_another_environment_is_found(
    acme: dict[str, Any], other_environment: Environment
) -> None:
    """As above."""
    assert crossings() == []
    run_item = OWNED["run_item"]
    db.session.execute(update(run_item).values(environment_id=other_environment.id))
    assert "run_item.run_id" in crossings()


def test_the_other_environment_gets_its_own(
    client: FlaskClient, acme: dict[str, Any], environment: Environment
) -> None:
    """Else the test above would find nothing whatever happens."""
    own = Session(environment=environment, actor=Actor("alice", "Alice"), widget="admin",
                  resource_type="none", resource_id=None, permission="admin",
                  origin=environment.crm_origins[0], lang="nl", channel="channel")  # fmt: skip
    headers = {"Authorization": f"Bearer {seal(own)}", "HX-Request": "true"}
    assert MARK in client.get("/admin/connection", headers=headers).text


@pytest.mark.parametrize(
    ("statement", "strays"),
    [
        ("SELECT run.id FROM run WHERE run.environment_id = ? AND run.state = ?", set()),
        ("SELECT run.id, run.environment_id FROM run WHERE run.state = ?", {"run"}),
        ("DELETE FROM run WHERE run.id = %(id_1)s::UUID", set()),
        ("UPDATE run SET environment_id=? WHERE run.state = ?", {"run"}),
        ("SELECT run_item.id FROM run_item WHERE run_item.run_id = ?", {"run_item"}),
        (
            "SELECT run_item.id FROM run_item JOIN run ON run.id = run_item.run_id"
            " WHERE run.environment_id = ?",
            set(),
        ),
        ("SELECT l.id FROM link AS l, run WHERE l.environment_id = ? AND run.state = ?", {"run"}),
        (
            "SELECT connection.id FROM connection JOIN environment"
            " ON environment.id = connection.environment_id",
            {"connection"},
        ),
        (
            "SELECT run.id FROM run WHERE EXISTS (SELECT * FROM run_item"
            " WHERE run_item.run_id = run.id AND run_item.environment_id = run.environment_id)",
            {"run", "run_item"},
        ),
        (
            "SELECT environment_secret.id FROM environment_secret"
            " WHERE ? = environment_secret.environment_id",
            set(),
        ),
        ("INSERT INTO mapping_row (field, property, environment_id) VALUES (?, ?, ?)", set()),
    ],
)
def test_the_watch_knows_a_stray(statement: str, strays: set[str]) -> None:
    assert stray(statement) == strays
