"""Toestemmingen: looked up page by page, taken along as a file, and one person's on a sheet."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert
from werkzeug.test import TestResponse

from spotler_plugin.config import settings_of
from spotler_plugin.extensions import db
from spotler_plugin.logs import lines
from spotler_plugin.models import (
    Act,
    AddressAct,
    AutomaticAction,
    Environment,
    Event,
    EventType,
    Firing,
    Permission,
    RunKind,
    Source,
)
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.consent.seen import BOUNCE
from spotler_plugin.services.consent_log import people, search
from spotler_plugin.services.mirror.record import record_contacts
from spotler_plugin.services.run.create import create_run
from spotler_plugin.spotler import Contact
from tests.blueprints.widget import Widget, words
from tests.cast import Launch

NOW = datetime(2026, 3, 3, 13, 5, 30, tzinfo=UTC)
NEWS, OFFERS = 1, 2
Logged = Callable[[str], dict[str, Any]]


def switched(environment: Environment, contact_id: str = "c-1", **values: Any) -> Act:
    """An act as it stands in the table."""
    act = Act(
        **{
            "environment_id": environment.id,
            "contact_id": contact_id,
            "bit": NEWS,
            "enabled": True,
            "at": NOW,
            "actor_id": "alice",
            "actor_name": "A. de Vries",
            "source": Source.MODAL,
            "applied_at": NOW,
        }
        | values
    )
    db.session.add(act)
    db.session.commit()
    return act


@pytest.fixture
def logged(app: Flask, capsys: pytest.CaptureFixture[str]) -> Iterator[Logged]:
    """The only line with this event."""
    lines.set_up("INFO")

    def line(event: str) -> dict[str, Any]:
        found = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
        [one] = [each for each in found if each["event"] == event]
        return dict(one)

    yield line
    lines.set_up(settings_of(app).log_level)


def seen_in_spotler(environment: Environment, id_: str | None, address: str, *names: str) -> None:
    parts = dict(zip(("firstName", "infix", "lastName"), names, strict=True))
    contact = Contact(
        external_id=id_, encrypted_id=f"e-{id_}", active=True, permissions={NEWS: True},
        properties={"email": address, **parts}, created=NOW, last_changed=NOW,
        test_group=False, temporary=False,
    )  # fmt: skip
    record_contacts(environment.id, [contact], NOW)
    db.session.commit()


@pytest.fixture
def log(environment: Environment) -> Environment:
    """Zoë Österbaan and Jan Jansen, and what was switched for them."""
    db.session.add_all(
        Permission(environment_id=environment.id, bit=bit, description=label, position=bit,
                   gone_at=gone)
        for bit, label, gone in ((NEWS, "Nieuwsbrief", None), (OFFERS, "Aanbiedingen", NOW))
    )  # fmt: skip
    seen_in_spotler(environment, "c-1", "zoe@example.nl", "Zoë", "van der", "Österbaan")
    seen_in_spotler(environment, "00012", "jan@example.nl", "Jan", "", "Jansen")
    switched(environment, ground="bestaande klant")
    switched(environment, "00012", bit=OFFERS, at=NOW + timedelta(days=1), enabled=False,
             source=Source.SPOTLER, actor_id=None, actor_name=None)  # fmt: skip
    return environment


def found(answer: TestResponse) -> list[str]:
    """The contacts of the acts that are shown, in their order."""
    assert answer.status_code == 200, answer.text
    part = answer.text.partition('class="contacts"')[2]
    return re.findall(r"\b(c-\d+|00012)\b(?=[ <])", re.sub(r'="[^"]*"', "", part))


def test_it_is_empty_at_first(admin: Widget) -> None:
    assert "Er is nog geen permissie aan- of uitgezet" in words(admin.get("/admin/consent"))


def test_the_list_tells_whom_what_when_and_why(admin: Widget, log: Environment) -> None:
    said = words(admin.get("/admin/consent"))
    assert "Wijzigingen 2" in said
    assert (
        "Jan Jansen 00012 · jan@example.nl Afgemeld · Aanbiedingen"
        " 4 mrt 2026 14:05 · door ontvanger of collega in Spotler Zoë" in said
    )
    assert (
        "Zoë van der Österbaan c-1 · zoe@example.nl Aan · Nieuwsbrief"
        " 3 mrt 2026 14:05 · door A. de Vries Grond: bestaande klant" in said
    )


LOOKED_UP = {
    "query=osterbaan": ["c-1"],
    "query=ÖSTER": ["c-1"],
    "query=zoë van": ["c-1"],
    "query=ZOE@": ["c-1"],
    "query=example.nl": ["00012", "c-1"],
    "query=00012": ["00012"],
    "query=%25": [],
    "query=nobody": [],
    "permission=1": ["c-1"],
    "permission=2": ["00012"],
    "source=spotler": ["00012"],
    "source=spotler&permission=1": [],
    "since=2026-03-04": ["00012"],
    "until=2026-03-03": ["c-1"],
    "since=2026-03-03&until=2026-03-04&query=jan": ["00012"],
    "since=2026-03-05": [],
}


def test_acts_are_looked_up(admin: Widget, log: Environment) -> None:
    answers = {query: admin.get(f"/admin/consent?{query}") for query in LOOKED_UP}
    assert {query: found(answer) for query, answer in answers.items()} == LOOKED_UP
    nothing = {query for query, each in answers.items() if "Geen wijzigingen" in words(each)}
    assert nothing == {query for query, ids in LOOKED_UP.items() if not ids}


def test_the_acts_of_one_contact(admin: Widget, log: Environment) -> None:
    said = words(admin.get("/admin/consent?contact=c-1"))
    assert "Zoë van der Österbaan c-1 · zoe@example.nl Openen in het CRM Bewijsblad" in said
    assert "Wijzigingen 1" in said and "3 mrt 2026 14:05 Aan · Nieuwsbrief door A." in said
    # Whoever types a name there means somebody else.
    assert found(admin.get("/admin/consent?contact=c-1&query=jan")) == ["00012"]


def test_days_are_dutch_ones(admin: Widget, environment: Environment) -> None:
    switched(environment, "c-1", at=datetime(2026, 7, 1, 21, 59, tzinfo=UTC))
    switched(environment, "c-2", at=datetime(2026, 7, 1, 22, 1, tzinfo=UTC))
    assert found(admin.get("/admin/consent?until=2026-07-01")) == ["c-1"]
    assert found(admin.get("/admin/consent?since=2026-07-02")) == ["c-2"]


def test_what_our_page_did_not_make_is_refused(admin: Widget, environment: Environment) -> None:
    for wrong in ("permission=x", "permission=-1", "source=x", "since=x", "since=0001-01-01",
                  "until=9999-12-31", "before=x", f"query={'x' * 321}"):  # fmt: skip
        assert admin.get(f"/admin/consent?{wrong}").status_code == 400, wrong
    assert admin.get("/admin/consent/acts.csv?since=x").status_code == 400


def test_a_page_begins_where_another_ended(admin: Widget, environment: Environment) -> None:
    """Whatever is added meanwhile; acts of one moment keep their order."""
    many(environment, 120)
    first = admin.get("/admin/consent")
    switched(environment, "c-999", at=NOW + timedelta(days=9))
    second = admin.get(turn(first, "page-after"))
    third = admin.get(turn(second, "page-after"))
    expected = [f"c-{number}" for number in reversed(range(120))]
    assert found(first) + found(second) + found(third) == expected
    assert 'id="page-after" hx-get' in third.text and turn(third, "page-after", off=True)
    assert found(admin.get(turn(third, "page-before"))) == found(second)
    assert found(admin.get(turn(second, "page-before"))) == found(first)


def test_the_acts_of_a_name_have_pages_too(
    admin: Widget, log: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SIZE", 1)
    first = admin.get("/admin/consent?query=example.nl")
    second = admin.get(turn(first, "page-after"))
    assert (found(first), found(second)) == (["00012"], ["c-1"])
    assert found(admin.get(turn(second, "page-before"))) == ["00012"]


def test_nobody_counts_beyond_a_limit(
    admin: Widget, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(environment, 120)
    assert "Wijzigingen 120" in words(admin.get("/admin/consent"))
    monkeypatch.setattr(search, "COUNTED", 100)
    assert "Wijzigingen meer dan 10.000" in words(admin.get("/admin/consent"))


def test_a_text_that_means_too_many_is_asked_to_be_longer(
    admin: Widget, log: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MOST", 2)
    answer = admin.get("/admin/consent?query=example")
    assert "Dat zijn te veel contactpersonen" in words(answer) and found(answer) == []
    assert len(taken(admin.get("/admin/consent/acts.csv?query=example"))) == 1


def test_whoever_is_gone_is_found_by_the_address(admin: Widget, log: Environment) -> None:
    """It is kept nowhere any more; the digest stands with the act."""
    digest = digests_of(log.id, ["gone@example.nl"])["gone@example.nl"]
    switched(log, "c-7", address_digest=digest)
    assert found(admin.get("/admin/consent?query=Gone@Example.nl")) == ["c-7"]


def test_what_did_not_arrive_says_so(admin: Widget, environment: Environment) -> None:
    run, _ = create_run(environment.id, ["c-1"], kind=RunKind.CONTACT, source=Source.MODAL,
                        actor=Actor("alice", "Alice"), request_token=uuid4())  # fmt: skip
    switched(environment, applied_at=None, run_id=run.id)
    # Of a run under way, but this contact was refused; and of one that is gone.
    switched(environment, "c-2", applied_at=None, run_id=run.id)
    switched(environment, "c-3", applied_at=None)
    said = words(admin.get("/admin/consent"))
    assert "Wacht op Spotler Synchronisatie" in said
    assert said.count("Niet doorgevoerd in Spotler") == 2


def test_an_act_leads_to_what_asked_for_it(admin: Widget, environment: Environment) -> None:
    action = AutomaticAction(
        id=uuid4(), environment_id=environment.id, name="Welkom", changed_by="Alice",
        adjustment=Adjustment(note="x"), changed_at=NOW,
    )  # fmt: skip
    db.session.add(action)
    firing = Firing(id=uuid4(), environment_id=environment.id, action_id=action.id, due_at=NOW,
                    contact_id="c-1", transition_id="t", adjustment=Adjustment(note="x"),
                    fired_at=NOW)  # fmt: skip
    db.session.add(firing)
    run, _ = create_run(environment.id, ["c-1"], kind=RunKind.ACTION, actor=None,
                        source=Source.AUTOMATIC_ACTION, request_token=firing.id)  # fmt: skip
    db.session.add(
        Event(environment_id=environment.id, webhook_id="w", type=EventType.ACTION_TRIGGERED,
              contact_id="c-1", data={}, sent_at=NOW, received_at=NOW, due_at=NOW, run_id=run.id)
    )  # fmt: skip
    switched(environment, run_id=run.id, source=Source.AUTOMATIC_ACTION)
    text = admin.get("/admin/consent").text
    for name in ("run", "action", "event"):
        address = re.search(rf'id="{name}-\d+"[^>]*hx-get="([^"]+)"', text)
        assert address is not None
        assert admin.get(address[1].replace("&amp;", "&")).status_code == 200


def test_the_file(admin: Widget, log: Environment, logged: Logged) -> None:
    seen_in_spotler(log, "c-3", "-evil@example.nl", "=cmd|'/C calc'!A0", "", "")
    switched(log, "c-3", at=NOW - timedelta(days=1), ground="+31")
    switched(log, "c-4", at=NOW - timedelta(days=2), bit=EVERYTHING, enabled=False,
             source=Source.SPOTLER, ground=BOUNCE)  # fmt: skip
    answer = admin.get("/admin/consent/acts.csv")
    assert re.search(r'filename="toestemmingen-alles-\d{8}-\d{4}\.csv"',
                     answer.headers["Content-Disposition"])  # fmt: skip
    head, jan, zoe, evil, back = taken(answer)
    assert (back[3], back[4], back[9]) == ("Alle e-mail", "Afgemeld", "e-mail kwam terug")
    assert head[:3] == ["CRM-nummer", "Naam", "E-mailadres"]
    assert jan[:5] == ['="00012"', "Jan Jansen", "jan@example.nl", "Aanbiedingen", "Afgemeld"]
    assert zoe[5:7] == ["2026-03-03 14:05:30", "2026-03-03 13:05:30"]
    assert zoe[7:11] == ["A. de Vries", "Scherm van de contactpersoon", "bestaande klant",
                         "Doorgevoerd in Spotler"]  # fmt: skip
    assert (evil[1], evil[2], evil[9]) == (
        "=\"=cmd|'/C calc'!A0\"",
        '="-evil@example.nl"',
        '="+31"',
    )
    line = logged("consent_log.taken_along")
    assert (line["actor"], line["environment"], line["filtered"]) == ("alice", log.id, False)


def test_the_file_of_a_choice_says_so(admin: Widget, log: Environment) -> None:
    answer = admin.get("/admin/consent/acts.csv?query=zoe")
    assert "toestemmingen-selectie-" in answer.headers["Content-Disposition"]
    assert [row[0] for row in taken(answer)] == ["CRM-nummer", "c-1"]


def test_the_file_has_all(
    admin: Widget, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "AT_ONCE", 10)
    many(environment, 120)
    rows = taken(admin.get("/admin/consent/acts.csv"))[1:]
    assert [row[0] for row in rows] == [f"c-{number}" for number in reversed(range(120))]
    rows = taken(admin.get(f"/admin/consent/acts.csv?contact=c-1&since={NOW:%Y-%m-%d}"))[1:]
    assert [row[0] for row in rows] == ["c-1"]


def test_the_sheet(admin: Widget, log: Environment, client: FlaskClient, logged: Logged) -> None:
    """It comes without a session in its header, from a form that goes to another tab."""
    digest = digests_of(log.id, ["zoe@example.nl"])["zoe@example.nl"]
    # Merged, deleted and made again, or before another took the address over: the same person.
    switched(log, "c-9", at=NOW - timedelta(days=9), enabled=False, address_digest=digest,
             source=Source.SPOTLER, actor_name=None)  # fmt: skip
    db.session.add(
        AddressAct(environment_id=log.id, contact_id="c-1", owner_id="c-1", address_digest=digest,
                   at=NOW, actor_name="B. Jansen")
    )  # fmt: skip
    answer = client.post("/admin/consent/sheet", data={"token": token_of(admin, "c-1")})
    said = words(answer)
    assert "3 mrt 2026 14:05 : E-mailadres is van deze contactpersoon, zei B. Jansen" in said
    assert "zijn gewist" not in said
    assert "Permissies van Zoë van der Österbaan Bewijsblad, gemaakt op" in said
    assert "door Alice Naam Zoë van der Österbaan E-mailadres zoe@example.nl" in said
    assert "Nummer in Yoobi c-1 Zelfde persoon c-9" in said
    assert (
        "Nieuwsbrief Aan Sinds 3 mrt 2026 14:05, door A. de Vries. Grond: bestaande klant" in said
    )
    off = said.index("22 feb 2026 14:05 Nieuwsbrief van c-9 Afgemeld ontvanger of collega")
    assert off < said.index("3 mrt 2026 14:05 Nieuwsbrief Aan A. de Vries")
    assert "Doorgevoerd in Spotler dit adres" in said
    assert "hx-" not in answer.text and "<script" not in answer.text
    line = logged("consent_log.sheet")
    assert (line["actor"], line["contact"]) == ("alice", "c-1")
    assert "Österbaan" not in str(line) and "zoe@" not in str(line)


def test_a_sheet_is_made_with_the_token_of_a_tab_only(
    admin: Widget, log: Environment, client: FlaskClient, other_environment: Environment
) -> None:
    token = token_of(admin, "c-1")
    assert client.post("/admin/consent/sheet").status_code == 401
    assert client.post("/admin/consent/sheet", data={"token": "x"}).status_code == 401
    assert client.post("/admin/consent/sheet", data={"token": admin.session}).status_code == 403
    for address in ("/admin/consent", "/admin/consent/acts.csv", "/contact-modal/fresh"):
        method = "POST" if "modal" in address else "GET"
        held = Widget(client, "", token).ask(method, address)
        assert held.status_code == 403, address
    unknown = client.post("/admin/consent/sheet", data={"token": token_of(admin, "c-404")})
    assert unknown.status_code == 404


def test_another_environments_acts_are_not_there(
    client: FlaskClient, launch: Launch, log: Environment, other_environment: Environment
) -> None:
    widget = Widget.launch(client, launch("Alice", at=other_environment, widget="admin",
                                          resource={"type": "none"}))  # fmt: skip
    first = db.session.scalars(db.select(Act.id)).first()
    for query in ("", "?contact=c-1", "?query=zoe", f"?before={first}", f"?after={first}"):
        assert found(widget.get(f"/admin/consent{query}")) == []
        assert len(taken(widget.get(f"/admin/consent/acts.csv{query}"))) == 1
    sheet = client.post("/admin/consent/sheet", data={"token": token_of(widget, "c-1")})
    assert sheet.status_code == 404


def test_only_for_administrators(client: FlaskClient, launch: Launch, log: Environment) -> None:
    bob = Widget.launch(client, launch("Bob", widget="contact-modal"))
    assert bob.get("/admin/consent").status_code == 403
    assert bob.get("/admin/consent/acts.csv").status_code == 403


def many(environment: Environment, number: int) -> None:
    """Acts of so many contacts, ten of each moment."""
    rows = [
        {"environment_id": environment.id, "contact_id": f"c-{each}", "bit": NEWS, "enabled": True,
         "at": NOW + timedelta(minutes=each // 10), "source": Source.BULK, "applied_at": NOW}
        for each in range(number)
    ]  # fmt: skip
    db.session.execute(insert(Act), rows)
    db.session.commit()


def turn(answer: TestResponse, id_: str, *, off: bool = False) -> str:
    """Where the button leads, which can be pressed or is off."""
    button = re.search(rf'<button[^>]* id="{id_}" hx-get="([^"]+)"( disabled)?>', answer.text)
    assert button is not None and bool(button[2]) is off
    return button[1].replace("&amp;", "&")


def taken(answer: TestResponse) -> list[list[str]]:
    """The lines of a file."""
    assert answer.status_code == 200
    text = answer.get_data(as_text=True).removeprefix("\ufeff")
    return list(csv.reader(StringIO(text), delimiter=";"))


def token_of(widget: Widget, contact_id: str) -> str:
    """What the form for the sheet of this contact sends along."""
    answer = widget.get(f"/admin/consent?contact={contact_id}")
    token = re.search(r'name="token" value="([^"]+)"', answer.text)
    assert token is not None
    return token[1]


def test_whom_the_crm_does_not_know_is_called_by_name(log: Environment, admin: Widget) -> None:
    seen_in_spotler(log, None, "romy@example.nl", "Romy", "ter", "Horst")
    switched(log, "~e-None", enabled=False, source=Source.SPOTLER)
    for query in ("ter horst", "romy@"):
        shown = words(admin.get(f"/admin/consent?query={query}"))
        assert "Romy ter Horst Niet in het CRM · romy@example.nl" in shown
        assert "~e-None" not in shown
