"""One environment never sees nor touches another's anything: all routes and tables are walked.

Acme has a row in every table, with a word of its own in each text. Bolt, whose contacts happen to
have the same ids, asks every route for acme's rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import responses
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import JSON, Column, DateTime, Enum, insert, select
from sqlalchemy.types import TypeDecorator
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from spotler_plugin.embedding import Session, seal
from spotler_plugin.embedding.launch_token import WIDGETS
from spotler_plugin.extensions import Model, db
from spotler_plugin.models import Environment
from spotler_plugin.models.columns import BitMap, JsonOf
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.image import Image
from spotler_plugin.services.actor import Actor
from tests.tenancy import OWNED, stray

MARK = "Qcm7"
CONTACT = "c-1"
"""Of either: a CRM numbers its contacts as it likes."""
SAME = frozenset({"contact_id", "external_id"})

WITHOUT_SESSION = {"static", "assets.module", "health.alive", "health.ready", "launch.launch",
                   "launch.renew", "metrics.show"}  # fmt: skip
"""Routes that need none, and show no environment's rows: these are tested where they belong."""

Keys = Mapping[str, Any]
Rows = dict[str, Sequence[Any]]


@pytest.fixture
def acme(environment: Environment) -> dict[str, Any]:
    """The key of acme's row in each table."""
    keys: dict[str, Any] = {"environment": environment.id}
    for table in Model.metadata.sorted_tables:
        if table.name in OWNED:
            values = {column.name: value(column, keys) for column in table.columns}
            made = {name: each for name, each in values.items() if each is not None}
            added = db.session.connection().execute(insert(table).values(made))
            assert added.inserted_primary_key
            keys[table.name] = added.inserted_primary_key[0]
    db.session.commit()
    return keys


def value(column: Column[Any], keys: Keys) -> Any:
    """Something of acme's for this column; nothing where the database chooses."""
    if column.foreign_keys:
        [key] = column.foreign_keys
        return keys[key.column.table.name]
    if isinstance(column.type, BitMap):
        return {1: True}
    if isinstance(column.type, JsonOf):
        return {Detail: Detail(message=MARK), Image: Image(properties={MARK: MARK})}[
            column.type.value
        ]
    kind = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return next(iter(kind.enum_class))
    if isinstance(kind, JSON):
        return {MARK: MARK}
    if isinstance(kind, DateTime):
        # What has no moment of its end is still there.
        return None if column.nullable else datetime.now(UTC)
    if kind.python_type is UUID:
        return uuid4()
    if kind.python_type in (str, bytes):
        return CONTACT if column.name in SAME else MARK
    # What is left are numbers and switches.
    return None if column.primary_key else 1


@pytest.fixture
def nobody_calls_out() -> Iterator[None]:
    with responses.RequestsMock():
        yield


def rules(app: Flask) -> list[tuple[Rule, str]]:
    """Each route with each of its methods."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


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


def rows(environment_id: int) -> Rows:
    """All that an environment has."""
    return {
        name: db.session.execute(
            select(table)
            .where(table.c.environment_id == environment_id)
            .order_by(*table.primary_key.columns)
        ).all()
        for name, table in OWNED.items()
    }


def crossings() -> list[str]:
    """Rows that point to a row of another environment."""
    return [
        f"{name}.{key.parent.name}"
        for name, table in OWNED.items()
        for key in table.foreign_keys
        if key.column.table.name in OWNED
        and db.session.execute(
            select(table)
            .join(key.column.table, key.column == key.parent)
            .where(key.column.table.c.environment_id != table.c.environment_id)
        ).first()
    ]


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
                resource_type="contact",
                resource_id=CONTACT,
                permission="admin",
                origin=other_environment.crm_origins[0],
                lang="nl",
                channel="channel",
            )
        )
        for widget in WIDGETS
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
