"""What docs/crm-developer.md tells the CRM's developer is what the code does."""

from __future__ import annotations

import ast
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

import spotler_plugin
from spotler_plugin.blueprints.api import limit as api_limit
from spotler_plugin.blueprints.api import routes as api
from spotler_plugin.blueprints.event import intake
from spotler_plugin.config import settings_of
from spotler_plugin.crm import contact as crm_contact
from spotler_plugin.crm import contacts, paging, selections
from spotler_plugin.embedding import LIFE_SECONDS, launch_token, refusal
from spotler_plugin.logs import lines
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.convert import Converted, FieldType, PropertyType, convert
from spotler_plugin.planning.values.parse import is_empty
from spotler_plugin.rest import body, shapes, transport
from spotler_plugin.services import contact_id
from spotler_plugin.services.account import client as account
from spotler_plugin.services.event import body as event_body
from spotler_plugin.services.event import intake as events
from spotler_plugin.services.event import trial
from tests.cast import Launch
from tests.contract.examples import DOCS

DOCUMENT = (DOCS / "crm-developer.md").read_text()
CHOICES = {
    FieldType.CHOICE: (("nl", "Nederlands"), ("en", "Engels")),
    FieldType.GENDER: (("M", "Man"), ("V", "Vrouw")),
}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table that begins with this heading; code without its marks."""
    table = re.search(rf"^\| {re.escape(heading)} \|.*\n\|[-|]+\n((?:\|.*\n)+)", DOCUMENT, re.M)
    assert table is not None, heading
    lines = table[1].replace("`", "").splitlines()
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


FORMS = rows("Type | Example in JSON")
WRONG = rows("Type | Wrong")


def test_each_type_is_told_once() -> None:
    assert [row[0] for row in FORMS] == [
        kind for kind in FieldType if kind is not FieldType.UNKNOWN
    ]


@pytest.mark.parametrize("row", FORMS, ids=[row[0] for row in FORMS])
def test_an_example_becomes_what_is_told(row: list[str]) -> None:
    kind, value, text, stricter = FieldType(row[0]), json.loads(row[1]), row[2], row[3]
    choices = CHOICES.get(kind, ())
    as_text = convert(value, kind, PropertyType.STRING, choices=choices)
    assert as_text == Converted(text.removeprefix("the label of the choice: "))
    if stricter:
        name, expected = stricter.split(": ")
        found = convert(value, kind, PropertyType(name), choices=choices)
        assert (str(found.value), found.reason) == (expected, None)


@pytest.mark.parametrize("row", WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_form_is_refused_with_the_reason(row: list[str]) -> None:
    kind, value, property_type, reason = row
    refused = convert(json.loads(value), FieldType(kind), PropertyType(property_type))
    assert refused == Converted(reason=Reason(reason))


def test_what_is_empty_is_told() -> None:
    empty: list[object] = [None, "", "  ", []]
    assert all(is_empty(each) for each in empty)
    assert not is_empty(False) and not is_empty(0)


def number(value: float, unit: str = "") -> str:
    return f"{value:,}".removesuffix(".0") + (f" {unit}" if unit else "")


def test_the_limits_are_those_of_the_code() -> None:
    whole = transport.CONNECT_TIMEOUT + transport.READ_TIMEOUT
    expected = {
        "connecting": number(transport.CONNECT_TIMEOUT, "s"),
        "silence in an answer, in a run": number(transport.READ_TIMEOUT, "s"),
        "a whole call, in a run": number(whole, "s"),
        "silence in an answer, while a person waits": number(account.SCREEN_TIMEOUT, "s"),
        "all calls for one screen together": number(account.SCREEN_TOTAL, "s"),
        "size of an answer, unpacked": number(transport.MAX_BYTES // 1024**2, "MiB"),
        "values in an answer": number(body.MOST_VALUES),
        "contacts asked for or changed in one call": number(contacts.MAX_CONTACTS),
        "limit of changed contacts": number(contacts.DEFAULT_LIMIT),
        "limit of a selection": number(selections.DEFAULT_LIMIT),
        "pages of one list": number(paging.MOST_PAGES),
        "version": number(crm_contact.LONGEST_VERSION, "characters"),
        "Retry-After that is waited for": number(shapes.LONGEST_WAIT, "s"),
        "life of a launch token": number(launch_token.LONGEST_LIFE.total_seconds(), "s"),
        "difference of clocks, at a launch": number(launch_token.LEEWAY.total_seconds(), "s"),
        "text in a launch token": number(launch_token.LONGEST_TEXT, "characters"),
        "id": number(contact_id.LONGEST, "characters"),
        "life of a session": number(LIFE_SECONDS, "s"),
        "difference of clocks, at an event": number(trial.TOLERANCE, "s"),
        "body of an event": number(intake.LARGEST, "bytes"),
        "webhook-id": number(events.LONGEST_ID, "characters"),
        "names in changed_fields": number(event_body.MOST_FIELDS),
        "events that wait": number(events.MOST_WAITING),
        "calls of /api/v1 in a minute": number(api_limit.CALLS),
        "ids in one call of /api/v1/contacts/statuses": number(api.MOST_IDS),
        "body of such a call": number(api.LARGEST_BODY, "bytes"),
    }
    assert api_limit.SECONDS == 60
    tables = re.findall(r"^\| What \| Limit \|\n\|[-|]+\n((?:\|.*\n?)+)", DOCUMENT, re.M)
    told = re.findall(r"^\| (.+) \| (.+) \|$", "".join(tables).replace("`", ""), re.M)
    assert dict(told) == expected


def reasons() -> Iterator[str]:
    """All reasons that the code gives; what varies is an ellipsis."""
    for file in Path(spotler_plugin.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "LaunchRefused":
                told = node.args[0]
                parts = told.values if isinstance(told, ast.JoinedStr) else [told]
                if not isinstance(told, ast.Name):
                    yield "".join(
                        str(p.value) if isinstance(p, ast.Constant) else "…" for p in parts
                    )
    yield from refusal.REASONS.values()


def test_each_reason_of_a_refused_launch_is_told() -> None:
    assert sorted(row[0] for row in rows("`because`")) == sorted(set(reasons()))


@pytest.mark.usefixtures("warnings_logged")
@pytest.mark.parametrize(
    ("changed", "because", "age"),
    [
        ({"iss": "nobody"}, "iss is no environment, or the token cannot be read", None),
        ({"jti": None}, "jti is missing", None),
        ({"iat": -900, "exp": -840}, "exp is in the past", 900),
        ({"iat": 600, "exp": 660}, "iat or nbf is in the future", -600),
        ({"origin": "https://evil.example"}, "origin is not registered", None),
    ],
)
def test_the_code_of_the_notice_leads_to_the_reason(
    client: FlaskClient,
    launch: Launch,
    capsys: pytest.CaptureFixture[str],
    changed: dict[str, Any],
    because: str,
    age: int | None,
) -> None:
    now = int(time.time())
    claims = {name: now + at if isinstance(at, int) else at for name, at in changed.items()}
    answer = client.post("/launch", data={"token": launch(**claims)})
    number = answer.headers["X-Request-Id"]
    assert answer.status_code == 403
    assert f"<code>{number}</code>" in answer.text
    assert because not in answer.text
    logged = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    [line] = [each for each in logged if each["event"] == "launch.refused"]
    assert (line["request"], line["because"]) == (number, because)
    assert line.get("age") == age or abs(line["age"] - (age or 0)) < 60
    assert ("environment" in line) == (changed.get("iss") is None)


@pytest.fixture
def warnings_logged(app: Flask) -> Iterator[None]:
    lines.set_up("WARNING")
    yield
    lines.set_up(settings_of(app).log_level)
