"""The session: of whom, for what, and until when."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import time_machine
from flask.testing import FlaskClient

from spotler_plugin.extensions import cipher, db
from spotler_plugin.models import Environment
from tests.cast import Launch
from tests.embedding.sessions import data_block, open_session

MINUTE = 60


def test_the_session_says_who_acts(client: FlaskClient, launch: Launch) -> None:
    page = client.post("/launch", data={"token": launch("Carol", channel="c" * 20)}).text
    data = data_block(page)
    assert data.keys() == {"session", "origin", "channel"}
    assert (data["origin"], data["channel"]) == ("https://acme.crm.example", "c" * 20)
    assert page.count(data["session"]) == 1
    sealed = json.loads(cipher.fernet.decrypt(data["session"]))
    assert sealed["actor"] == ["carol", "Carol"]


def test_no_session_asks_for_a_new_launch(client: FlaskClient, environment: Environment) -> None:
    answer = client.get("/data-block/status", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Trigger"] == "session-expired"


@pytest.mark.parametrize(
    "authorization",
    ["Bearer x", "Bearer", "Bearer é", "Basic YTpi", "Bearer AAAAAAAA", "x" * 10],
)
def test_what_is_no_session_is_none(
    client: FlaskClient, environment: Environment, authorization: str
) -> None:
    answer = client.get("/data-block/status", headers={"Authorization": authorization})
    assert answer.status_code == 401


def test_another_thing_that_we_encrypted_is_no_session(
    client: FlaskClient, environment: Environment
) -> None:
    for content in (b"secret", b'"text"', b"{}", b"[]", b'{"kind": "other"}'):
        bearer = f"Bearer {cipher.fernet.encrypt(content).decode()}"
        answer = client.get("/data-block/status", headers={"Authorization": bearer})
        assert answer.status_code == 401, content


def test_a_session_lasts_half_an_hour(client: FlaskClient, launch: Launch) -> None:
    headers = open_session(client, launch("Carol", widget="data-block"))
    with time_machine.travel(datetime.now(UTC).timestamp() + 29 * MINUTE):
        assert client.get("/data-block/status", headers=headers).status_code == 200
    with time_machine.travel(datetime.now(UTC).timestamp() + 31 * MINUTE):
        assert client.get("/data-block/status", headers=headers).status_code == 401


def test_a_session_is_of_one_widget(client: FlaskClient, launch: Launch) -> None:
    of_modal = open_session(client, launch("Alice"))
    assert client.get("/data-block/status", headers=of_modal).status_code == 403
    of_block = open_session(client, launch("Alice", widget="data-block"))
    assert client.post("/contact-modal/save", headers=of_block).status_code == 403


def test_who_reads_does_not_save(client: FlaskClient, launch: Launch) -> None:
    answer = client.post("/contact-modal/save", headers=open_session(client, launch("Carol")))
    assert answer.status_code == 403
    assert answer.headers["HX-Retarget"] == "#notices"
    assert "Dit mag je niet" in answer.text


def test_a_disabled_environment_ends_its_sessions_at_once(
    client: FlaskClient, launch: Launch, environment: Environment
) -> None:
    headers = open_session(client, launch("Carol", widget="data-block"))
    environment.disabled_at = datetime.now(UTC)
    assert client.get("/data-block/status", headers=headers).status_code == 403


def test_a_removed_environment_ends_its_sessions_at_once(
    client: FlaskClient, launch: Launch, environment: Environment
) -> None:
    headers = open_session(client, launch("Carol", widget="data-block"))
    db.session.delete(environment)
    assert client.get("/data-block/status", headers=headers).status_code == 403


def test_an_origin_that_is_no_longer_registered_ends_its_sessions(
    client: FlaskClient, launch: Launch, environment: Environment
) -> None:
    headers = open_session(client, launch("Carol", widget="data-block"))
    environment.crm_origins = ["https://new.crm.example"]
    assert client.get("/data-block/status", headers=headers).status_code == 403


class TestRenewal:
    def test_an_expired_session_is_exchanged(self, client: FlaskClient, launch: Launch) -> None:
        old = open_session(client, launch("Bob", widget="data-block"))
        with time_machine.travel(datetime.now(UTC).timestamp() + 45 * MINUTE):
            now = int(datetime.now(UTC).timestamp())
            token = launch("Bob", widget="data-block", iat=now, nbf=now, exp=now + 60)
            answer = client.post("/session", data={"token": token}, headers=old)
            assert answer.status_code == 200
            assert answer.json is not None
            assert answer.json["expires_in"] == 30 * MINUTE
            new = {"Authorization": f"Bearer {answer.json['session']}"}
            assert client.get("/data-block/status", headers=new).status_code == 200

    @pytest.mark.parametrize(
        "other",
        [
            {"who": "Alice"},
            {"widget": "data-block"},
            {"resource": {"type": "contact", "id": "c-2"}},
        ],
        ids=["user", "widget", "contact"],
    )
    def test_a_session_of_something_else_is_refused(
        self, client: FlaskClient, launch: Launch, other: dict[str, str]
    ) -> None:
        old = open_session(client, launch("Bob"))
        answer = client.post("/session", data={"token": launch(**other)}, headers=old)
        assert answer.status_code == 403

    def test_another_environment_is_refused(
        self, client: FlaskClient, launch: Launch, other_environment: Environment
    ) -> None:
        old = open_session(client, launch("Bob"))
        token = launch("Bob", at=other_environment)
        assert client.post("/session", data={"token": token}, headers=old).status_code == 403

    def test_a_launch_token_counts_once_here_too(self, client: FlaskClient, launch: Launch) -> None:
        token = launch("Bob")
        old = open_session(client, token)
        assert client.post("/session", data={"token": token}, headers=old).status_code == 403

    def test_without_an_old_session_there_is_no_new_one(
        self, client: FlaskClient, launch: Launch
    ) -> None:
        assert client.post("/session", data={"token": launch("Bob")}).status_code == 401
