"""No request makes a route fail, with a session or without."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from werkzeug.datastructures import MultiDict

from spotler_plugin.embedding import Session, seal
from spotler_plugin.embedding.launch_token import WIDGETS
from spotler_plugin.extensions import db
from spotler_plugin.models import Drift, DriftItem, Environment, Field, Preview, Property
from spotler_plugin.services.actor import Actor
from tests.everything import CONTACT, rules
from tests.fuzz.odd import budget, wire_texts
from tests.settings import configure

FIELDS = ["token", "request_token", "permission", "seen", "automation", "take_over", "decision",
          "word", "acts", "items", "images", "events", "previews", "drifts", "figure", "end",
          "name", "code", "key", "secret", "number", "page", "single", "outcome", "reason",
          "message", "query", "item", "type", "standing", "v", "contact:first_name",
          "relation:name", "description", "note", "status", "permission-1", "ground-1",
           "contact_id", "former:name", "kind", "property", "all", "nightly",
           "threshold", "overrides", "mapping", "names", "switches", "subject",
          "contact", "source", "since", "until", "before", "after",
          "ground", "owner", "allowed", "step", "only_open", "wrong"]  # fmt: skip
forms = st.lists(st.tuples(st.sampled_from(FIELDS) | wire_texts, wire_texts), max_size=6)
headers = st.dictionaries(
    st.sampled_from(["Authorization", "Origin", "Sec-Fetch-Site", "HX-Request", "X-Request-Id",
                     "HX-Current-URL", "Accept-Language", "Content-Type"]),
    st.sampled_from(["Basic \xe9", "Basic", "Bearer", "Bearer \xe9", "Digest x=", "true", "\xff"])
    | st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
    max_size=2,
)  # fmt: skip
pieces = st.sampled_from([str(uuid4()), "1", "9" * 30, "%00", "..", "%2e%2e", "%ff", "é"])


SHAPES: dict[type[Field | Property | Preview | Drift | DriftItem], dict[str, object]] = {
    Drift: {"counts": {}, "by_property": {}},
    DriftItem: {"differences": [], "refusals": []},
    Field: {"choices": []},
    Property: {"entries": []},
    Preview: {"tally": {}, "samples": [], "base": [], "proposal": []},
}
"""JSON that only we write, where acme has anything."""


@pytest.fixture
def sessions(acme: dict[str, Any], environment: Environment) -> list[str]:
    """One of each widget, for an administrator."""
    for model, shapes in SHAPES.items():
        of_acme = update(model).where(model.environment_id == environment.id)
        db.session.execute(of_acme.values(shapes))
    db.session.commit()
    return [
        seal(
            Session(
                environment=environment,
                actor=Actor("alice", "Alice"),
                widget=widget,
                resource_type="contact",
                resource_id=CONTACT,
                permission="admin",
                origin=environment.crm_origins[0],
                lang="nl",
                channel="channel",
            )
        )
        for widget in WIDGETS
    ]


@given(data=st.data())
@budget(1000)
def test_no_request_makes_a_route_fail(
    app: Flask,
    client: FlaskClient,
    sessions: list[str],
    acme: dict[str, Any],
    nobody_calls_out: None,
    data: st.DataObject,
) -> None:
    rule, method = data.draw(st.sampled_from(rules(app)))
    path = rule.rule
    for name in rule.arguments:
        own = st.just(str(acme.get(name.removesuffix("_id"), "1")))
        before, after = re.split(rf"<[^<>]*\b{name}>", path)
        path = before + data.draw(own | pieces) + after
    session = {"Authorization": f"Bearer {data.draw(st.sampled_from(sessions))}"}
    sent = MultiDict(data.draw(forms))
    answer = client.open(
        path,
        method=method,
        headers=session | {"HX-Request": "true"} | data.draw(headers),
        query_string=sent if method in ("GET", "DELETE") else None,
        data=sent if method not in ("GET", "DELETE") else None,
    )
    assert answer.status_code != 500


@pytest.mark.parametrize("scheme", ["Basic \xe9", "Bearer \xe9", "Digest \xe9", "Basic", "\xe9"])
def test_an_authorization_that_is_none(app: Flask, client: FlaskClient, scheme: str) -> None:
    configure(app, metrics_token="the-token")
    for path in ("/admin/overview", "/metrics"):
        assert client.get(path, headers={"Authorization": scheme}).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", f"/admin/automations/{2**31}"),
        ("DELETE", f"/admin/automations/{'9' * 5000}"),
        ("GET", f"/admin/runs?page={'9' * 5000}"),
        ("GET", f"/admin/runs?page={2**31}"),
        ("GET", "/static/%00"),
        ("GET", "/static/widget/%00/%00"),
    ],
)
def test_ids_that_no_database_has(
    client: FlaskClient, sessions: list[str], method: str, path: str
) -> None:
    for session in sessions:
        headers = {"Authorization": f"Bearer {session}", "HX-Request": "true"}
        answer = client.open(path, method=method, headers=headers)
        assert 400 <= answer.status_code < 500


def test_a_nul_in_a_query_is_looked_for(
    client: FlaskClient, sessions: list[str], acme: dict[str, Any]
) -> None:
    run = acme["run"]
    for session in sessions:
        headers = {"Authorization": f"Bearer {session}", "HX-Request": "true"}
        for sent in ("query=%00", "message=a%00b", "query=%ff%00"):
            answer = client.get(f"/admin/runs/{run}?{sent}", headers=headers)
            assert answer.status_code in (200, 403)


@pytest.mark.parametrize("seen", ["[" * 5000, '[["contact","\\ud83d","\\u0000"]]', "[[[]]]", "{}",
                                  '[["former","x","emptied"]]'])  # fmt: skip
def test_a_mapping_that_our_page_never_sent(
    client: FlaskClient, sessions: list[str], seen: str
) -> None:
    for session in sessions:
        headers = {"Authorization": f"Bearer {session}", "HX-Request": "true"}
        answer = client.post("/admin/mapping", headers=headers, data={"seen": seen})
        assert answer.status_code in (200, 400, 403, 409, 422)
