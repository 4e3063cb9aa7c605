"""The settings screen: saving, proving, replacing and breaking the connection."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
import responses
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Connection,
    ConnectionState,
    Environment,
    Feed,
    Link,
    MappingRow,
    MirrorContact,
    Run,
    RunState,
    Source,
)
from spotler_plugin.models.run import RunKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.run.create import create_run
from tests.blueprints.conftest import CRM, SPOTLER
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

URL = "/admin/connection"
KEY, SECRET = "consumer-key-0001", "consumer-secret-9z8y"
PROPERTIES = f"{SPOTLER}/contact/properties/list"


def save(admin: Widget, key: str = KEY, secret: str = SECRET) -> str:
    return admin.ask("POST", URL, key=key, secret=secret).text


def stored() -> list[Connection]:
    db.session.expire_all()
    return list(db.session.scalars(db.select(Connection)))


def test_saving_proves_reads_and_maps(admin: Widget, wire: responses.RequestsMock) -> None:
    answer = admin.ask("POST", URL, key=f" \n{KEY}\u00a0", secret=f"\t{SECRET}\r\n ")
    assert answer.status_code == 200
    assert "1 velden, 1 permissies en 1 automations gevonden." in words(answer)
    assert "0001" in answer.text and "9z8y" in answer.text
    assert KEY not in answer.text and SECRET not in answer.text
    [row] = stored()
    assert (row.key, row.secret) == (KEY, SECRET)
    assert [row.property for row in db.session.scalars(db.select(MappingRow))] == ["firstName"]


REFUSED = "Spotler herkent deze key en secret niet. Kopieer ze opnieuw uit Spotler"
AWAY = "Spotler is nu niet bereikbaar. Je key en secret zijn nog niet opgeslagen."


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 401}, REFUSED),
        ({"status": 401, "body": "<html>"}, REFUSED),
        ({"status": 403, "json": {"errorType": "NOT_AUTHORIZED"}}, REFUSED),
        ({"body": "<html>Onderhoud</html>"}, AWAY),
        ({"body": '[{"name": "first'}, AWAY),
        ({"status": 500, "json": {"errorType": "BACKEND_EXCEPTION"}}, AWAY),
        ({"status": 302, "headers": {"Location": "https://elsewhere.example"}}, AWAY),
        ({"body": requests.ReadTimeout()}, AWAY),
        ({"body": requests.ConnectionError()}, AWAY),
    ],
)
def test_what_spotler_says_stands_on_the_form(
    admin: Widget, wire: responses.RequestsMock, answer: dict[str, Any], said: str
) -> None:
    wire.replace("GET", PROPERTIES, **answer)
    shown = admin.ask("POST", URL, key=KEY, secret=SECRET)
    assert shown.status_code == 422
    assert said in words(shown)
    assert KEY not in shown.text and SECRET not in shown.text
    assert stored() == []


@pytest.mark.parametrize(
    ("key", "secret", "said"),
    [
        ("", SECRET, "Plak hier de key uit Spotler."),
        (KEY, " \u200b\n", "Plak hier de secret uit Spotler."),
        ("🔑", SECRET, "geen spaties of bijzondere tekens"),
        (KEY, "twee woorden", "geen spaties of bijzondere tekens"),
        ("x" * 300, SECRET, "Dit is te lang."),
        ("x\x00y", SECRET, "geen spaties of bijzondere tekens"),
    ],
)
def test_what_cannot_be_a_key_is_not_sent(
    admin: Widget, wire: responses.RequestsMock, key: str, secret: str, said: str
) -> None:
    shown = admin.ask("POST", URL, key=key, secret=secret)
    assert shown.status_code == 422 and said in words(shown)
    assert len(wire.calls) == 0 and stored() == []


def test_a_crm_that_is_away_is_said(admin: Widget, wire: responses.RequestsMock) -> None:
    wire.replace("GET", f"{CRM}/fields", status=503)
    shown = save(admin)
    assert "Yoobi is nu niet bereikbaar." in shown and "Nog geen mapping" in shown
    wire.replace("GET", f"{CRM}/fields", json={"fields": []})
    assert "Nog geen mapping" in admin.ask("POST", f"{URL}/proof").text


def test_testing_notes_a_refusal_then_a_repair_lets_runs_go_on(
    admin: Widget, wire: responses.RequestsMock, environment: Environment
) -> None:
    save(admin)
    run_id = halted_run(environment)
    wire.replace("GET", PROPERTIES, status=401)
    assert "Geweigerd door Spotler" in words(admin.ask("POST", f"{URL}/proof"))
    assert "Verbinding Kapot" in words(admin.get("/admin/overview"))
    wire.replace("GET", PROPERTIES, json=[{"name": "email", "type": "email"}])
    assert "Verbonden met Spotler." in words(admin.ask("POST", f"{URL}/proof"))
    db.session.expire_all()
    assert db.session.get_one(Run, run_id).state is RunState.OPEN


def test_out_of_reach_changes_nothing(admin: Widget, wire: responses.RequestsMock) -> None:
    save(admin)
    wire.replace("GET", PROPERTIES, status=503)
    shown = words(admin.ask("POST", f"{URL}/proof"))
    assert "Er is niets veranderd." in shown and "Verbinding testen" in shown


def test_replacing_asks_for_both_and_shows_neither(
    admin: Widget, wire: responses.RequestsMock
) -> None:
    save(admin)
    form = admin.get(f"{URL}/form").text
    assert 'type="password"' in form and form.count('autocomplete="off"') >= 2
    assert KEY not in form and SECRET not in form and form.count('value=""') >= 2
    assert "Annuleren" in form


def test_disconnecting_says_what_is_lost_and_keeps_the_rest(
    admin: Widget, wire: responses.RequestsMock, environment: Environment
) -> None:
    save(admin)
    now = datetime.now(UTC)
    db.session.add(Link(environment_id=environment.id, contact_id="c-1", linked_at=now))
    halted_run(environment)
    shown = admin.get(URL).text
    assert "1 gekoppelde contactpersoon wordt niet meer bijgewerkt." in shown
    assert "1 lopende synchronisatie stopt." in shown and "mapping (1 veld)" in shown
    after = admin.ask("DELETE", URL)
    assert "Authentication key" in words(after) and "1 veld van Yoobi" in after.text
    assert (
        stored() == [] and db.session.query(Link).filter(Link.linked_at.is_not(None)).count() == 1
    )
    assert admin.ask("DELETE", URL).status_code == 200, "twice is no mistake"
    assert admin.ask("POST", f"{URL}/proof").status_code == 200


def test_another_environment_sees_nothing(
    admin: Widget,
    wire: responses.RequestsMock,
    client: FlaskClient,
    launch: Launch,
    other_environment: Environment,
) -> None:
    save(admin)
    token = launch("Alice", other_environment, widget="admin", resource={"type": "none"})
    other = Widget.launch(client, token)
    shown = other.get(URL).text
    assert "0001" not in shown and "Welkom" not in shown and "Authentication key" in shown
    other.ask("DELETE", URL)
    assert len(stored()) == 1


@pytest.mark.parametrize(
    ("verb", "url"),
    [("GET", URL), ("GET", f"{URL}/form"), ("POST", URL), ("POST", f"{URL}/proof"),
     ("DELETE", URL), ("GET", "/admin/overview"), ("POST", f"{URL}/account"),
     ("DELETE", f"{URL}/account"), ("POST", "/admin/automations"),
     ("DELETE", "/admin/automations/1")],
)  # fmt: skip
def test_only_an_administrators_admin_widget_may(
    client: FlaskClient, launch: Launch, verb: str, url: str
) -> None:
    assert client.open(url, method=verb).status_code == 401
    modal = Widget.launch(client, launch("Alice"))
    assert modal.ask(verb, url).status_code == 403
    launched = client.post(
        "/launch", data={"token": launch("Bob", widget="admin", resource={"type": "none"})}
    )
    assert launched.status_code == 403


def test_a_get_writes_nothing(admin: Widget, wire: responses.RequestsMock) -> None:
    for url in (URL, f"{URL}/form", "/admin/overview"):
        assert admin.get(url).status_code == 200
    assert len(wire.calls) == 0 and stored() == []


def test_it_speaks_english(client: FlaskClient, launch: Launch) -> None:
    token = launch("Alice", widget="admin", resource={"type": "none"}, lang="en")
    admin = Widget.launch(client, token)
    assert "Get started with Spotler" in admin.page and "Connect" in admin.page
    assert "Paste the key from Spotler here." in words(admin.ask("POST", URL))


def halted_run(environment: Environment) -> UUID:
    """A run that waits for the key, over a contact that is not linked yet."""
    run, _new = create_run(
        environment.id,
        ["c-9"],
        kind=RunKind.CONTACT,
        source=Source.MODAL,
        actor=None,
        request_token=uuid4(),
    )
    run.state, run.halted_because = RunState.HALTED, Reason.CREDENTIALS_REFUSED
    db.session.commit()
    return run.id


OTHER_KEY, OTHER_SECRET = "consumer-key-0002", "consumer-secret-1a2b"


@pytest.fixture
def other_account(
    admin: Widget, wire: responses.RequestsMock, environment: Environment
) -> TestResponse:
    """The answer to a key of an account that does not know who is linked."""
    save(admin)
    now = datetime.now(UTC)
    db.session.add(Link(environment_id=environment.id, contact_id="c-1", linked_at=now))
    db.session.add(
        MirrorContact(environment_id=environment.id, external_id="c-1", encrypted_id="e-1",
                      active=True, permissions={}, properties={}, observed_at=now)
    )  # fmt: skip
    db.session.commit()
    unknown = {"errorType": "CONTACT_NOT_FOUND", "message": "unknown"}
    wire.get(f"{SPOTLER}/contact/c-1", status=404, json=unknown)
    return admin.ask("POST", URL, key=OTHER_KEY, secret=OTHER_SECRET)


def test_another_accounts_key_asks_what_to_do(admin: Widget, other_account: TestResponse) -> None:
    assert other_account.status_code == 200
    for shown in (words(other_account), words(admin.get(URL))):
        assert "Dit is een ander Spotler-account." in shown and "Wacht op bevestiging" in shown
        assert "Er is 1 contactpersoon opgezocht: 0 staan hier met hetzelfde" in shown
        assert "Zelfde contactpersonen: 1 gekoppelde contactpersoon blijft gekoppeld als" in shown
        assert "Opnieuw beginnen: 1 contactpersoon wordt ontkoppeld" in shown
        assert "Oude key terugzetten" in shown
        assert "Verbinding testen" not in shown and "Verbonden" not in shown
    assert KEY not in other_account.text and OTHER_KEY not in other_account.text
    assert "Verbinding Kapot De key en secret zijn van een ander Spotler-account." in words(
        admin.get("/admin/overview")
    )
    [row] = stored()
    assert (row.key, row.previous_key) == (OTHER_KEY, KEY)


def test_testing_it_changes_nothing(admin: Widget, other_account: TestResponse) -> None:
    shown = words(admin.ask("POST", f"{URL}/proof"))
    assert "Wacht op bevestiging" in shown
    assert stored()[0].state is ConnectionState.UNCONFIRMED


def test_going_on_with_the_other_account(
    admin: Widget, other_account: TestResponse, environment: Environment
) -> None:
    run_id = halted_run(environment)
    shown = words(admin.ask("POST", f"{URL}/account/anew"))
    assert "Verbonden met Spotler." in shown and "ander Spotler-account" not in shown
    [row] = stored()
    assert (row.state, row.previous_key) == (ConnectionState.CONNECTED, None)
    assert db.session.query(Link).filter(Link.linked_at.is_not(None)).count() == 0
    run = db.session.get_one(Run, run_id)
    assert run.state is RunState.OPEN and run.cancel_asked_at, "what was asked before is dropped"
    assert "ander Spotler-account" not in words(admin.ask("POST", f"{URL}/account")), "twice"


def test_putting_the_old_key_back(admin: Widget, other_account: TestResponse) -> None:
    shown = words(admin.ask("DELETE", f"{URL}/account"))
    assert "Verbonden met Spotler." in shown and "0001" in shown
    [row] = stored()
    assert (row.key, row.secret) == (KEY, SECRET)
    assert (row.state, row.previous_key) == (ConnectionState.CONNECTED, None)
    assert admin.ask("DELETE", f"{URL}/account").status_code == 200, "twice is no mistake"


def test_what_cannot_be_confirmed_says_why(
    admin: Widget, other_account: TestResponse, wire: responses.RequestsMock
) -> None:
    wire.replace("GET", PROPERTIES, status=503)
    shown = words(admin.ask("POST", f"{URL}/account"))
    assert "Spotler is nu niet bereikbaar. Er is niets veranderd." in shown
    wire.replace("GET", PROPERTIES, status=401)
    shown = words(admin.ask("POST", f"{URL}/account"))
    assert "Spotler herkent deze key en secret niet. Er is niets veranderd." in shown
    assert "Wacht op bevestiging" in shown


def test_who_was_in_spotler_before_is_counted_and_named(
    admin: Widget, wire: responses.RequestsMock
) -> None:
    save(admin)
    looking = words(admin.ask("GET", f"{URL}/known"))
    assert "Er wordt nog gekeken welke contactpersonen al in Spotler staan." in looking
    now = datetime.now(UTC)
    db.session.add_all(Link(environment_id=1, contact_id=f"c{n}", linked_at=now) for n in range(2))
    other = Link(environment_id=1, contact_id="anders", problem=Reason.ID_OF_ANOTHER)
    db.session.add(other)
    db.session.execute(
        db.update(Feed).where(Feed.environment_id == 1).values(known_at=now, sought_at=now)
    )
    db.session.commit()
    known = admin.ask("GET", f"{URL}/known")
    assert "2 contactpersonen staan al in Spotler. Ze tellen mee als gekoppeld" in words(known)
    assert "1 contactpersoon heeft in Spotler een ander e-mailadres dan in" in words(known)
    assert "hx-trigger" not in known.text, "it is told once"
    assert "2 contactpersonen staan al in Spotler." in words(admin.ask("GET", "/admin/overview"))
    others = admin.ask("GET", f"{URL}/others")
    assert "Naam onbekend anders" in words(others)
