"""The mapping's editor and "Wat gaat er gebeuren", as requests and fragments."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
import responses
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Environment,
    Field,
    Link,
    MappingRow,
    MirrorContact,
    Preview,
    PreviewState,
    Property,
    Run,
    RunKind,
)
from spotler_plugin.services.preview.compute import advance_preview
from tests.blueprints.conftest import CRM
from tests.blueprints.widget import Widget, words
from tests.cast import Launch
from tests.settings import configure

URL = "/admin/mapping"
SAVED = [["contact", "first_name", "firstName"]]


@pytest.fixture(autouse=True)
def catalogue(environment: Environment) -> None:
    """Three fields and three properties; the first name is mapped."""
    owner = environment.id
    for position, (entity, name, label, type_) in enumerate(
        [
            ("contact", "first_name", "Voornaam", "text"),
            ("contact", "email", "E-mail", "email"),
            ("contact", "born", "Geboortedatum", "date"),
            ("relation", "documents", "Documenten module", "boolean"),
        ]
    ):
        db.session.add(
            Field(environment_id=owner, entity=entity, name=name, label=label, type=type_,
                  position=position, choices=[])
        )  # fmt: skip
    for name, label, type_ in [
        ("firstName", "Roepnaam", "string"),
        ("birthday", "Jarig op", "birthdate"),
        ("docs", "Documenten", "string"),
    ]:
        db.session.add(
            Property(environment_id=owner, name=name, description=label, type=type_, entries=[])
        )
    db.session.add(
        MappingRow(environment_id=owner, entity="contact", field="first_name", property="firstName")
    )
    environment.mapping_version = 1
    db.session.commit()


@pytest.fixture
def zoe(environment: Environment) -> None:
    """Linked, and in the mirror under another name."""
    now = datetime.now(UTC)
    db.session.add(
        Link(environment_id=environment.id, contact_id="z", linked_at=now, synced_at=now)
    )
    db.session.add(
        MirrorContact(environment_id=environment.id, external_id="z", encrypted_id="enc",
                      address="zoe@example.nl", active=True, permissions={},
                      properties={"email": "zoe@example.nl", "firstName": "Zoe"}, observed_at=now)
    )  # fmt: skip
    db.session.commit()


@pytest.fixture
def crm() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        fields = {"first_name": "Zoë", "email": "zoe@example.nl", "born": None}
        zoe = {"id": "z", "relation_id": None, "primary": False, "active": True, "version": 1,
               "fields": fields}  # fmt: skip
        wire.get(f"{CRM}/contacts", json={"contacts": [zoe], "missing": []})
        yield wire


def send(
    admin: Widget, where: str = URL, seen: list[list[str]] | None = None, **chosen: str
) -> TestResponse:
    """The form; `contact_born="birthday"` chooses that for the contact's field born."""
    fields = {name.replace("_", ":", 1): property for name, property in chosen.items()}
    return admin.ask("POST", where, seen=json.dumps(SAVED if seen is None else seen), **fields)


def preview_of(answer: TestResponse) -> str:
    found = re.search(r"/admin/previews/[0-9a-f-]{36}", answer.text)
    assert found is not None, answer.text
    return found[0]


def work_out(url: str) -> None:
    row = db.session.get_one(Preview, UUID(url[-36:]))
    advance_preview(row.environment_id, row.id)
    assert row.state is PreviewState.READY


def saved() -> dict[str, str]:
    rows = db.session.scalars(db.select(MappingRow))
    return {row.field: row.property for row in rows}


def test_the_editor_shows_each_field_once_and_the_address_fixed(admin: Widget) -> None:
    answer = admin.get(URL)
    shown = answer.text.strip()
    assert shown.startswith('<div id="screen"') and "<html" not in shown
    assert shown.count("<select") == 3 and shown.count("<h1") == 1
    assert "E-mailadres gaat altijd mee." in shown
    assert '<option value="firstName" selected>Roepnaam · tekst</option>' in shown
    assert "<option disabled>Jarig op · geboortedatum</option>" in shown, "a text is no birthday"
    for label in ("Voornaam", "Geboortedatum", "Documenten module"):
        assert re.search(rf'<label for="map-\d+" data-label>{label}', shown)


BOX = 'name="former:documents"'
FED = [*SAVED, ["relation", "documents", "docs"]]
EMPTIED = sorted([["former", "documents", "emptied"], *FED])


def tick(admin: Widget, seen: list[list[str]], **boxes: str) -> TestResponse:
    """The form with the relation's field on `docs`."""
    given = {f"former:{name}": value for name, value in boxes.items()}
    return admin.ask("POST", URL, seen=json.dumps(seen), **{"relation:documents": "docs"}, **given)


def test_only_a_field_of_the_relation_may_be_emptied_for_the_former_primary_contact(
    admin: Widget,
) -> None:
    shown = admin.get(URL).text
    assert shown.count('type="checkbox"') == shown.count(BOX) == 1
    assert "Leegmaken bij de vorige primaire contactpersoon" in shown
    assert not re.search(rf"<input[^>]*checked[^>]*{BOX}|{BOX}[^>]*checked", shown)


def test_what_is_ticked_is_previewed_saved_and_shown(
    admin: Widget, zoe: None, crm: responses.RequestsMock
) -> None:
    url = preview_of(tick(admin, SAVED, documents="1"))
    row = db.session.get_one(Preview, UUID(url[-36:]))
    assert row.proposal == EMPTIED
    back = admin.get(f"{url}/mapping").text
    assert re.search(rf'<input data-chosen="1"[^>]*{BOX}', back), "as it was left"
    work_out(url)
    admin.ask("POST", url)
    rows = {each.field: each.empties_former for each in db.session.scalars(db.select(MappingRow))}
    assert rows == {"first_name": False, "documents": True}
    assert re.search(rf"<input checked[^>]*{BOX}", admin.get(URL).text)
    again = tick(admin, EMPTIED, documents="1")
    assert "Er is niets veranderd" in words(again)
    other = tick(admin, SAVED)
    assert other.status_code == 409 and "door iemand anders gewijzigd" in words(other)


def test_without_a_property_there_is_nothing_to_empty(admin: Widget) -> None:
    answer = admin.ask("POST", URL, seen=json.dumps(SAVED), **{"relation:documents": "",
                       "former:documents": "1"})  # fmt: skip
    assert "Er is niets veranderd" in words(answer)


def test_the_first_paint_asks_nobody(admin: Widget, zoe: None) -> None:
    with responses.RequestsMock() as wire:
        admin.get(URL)
        assert len(wire.calls) == 0


def test_examples_come_afterwards(admin: Widget, zoe: None, crm: responses.RequestsMock) -> None:
    answer = admin.ask("POST", f"{URL}/samples")
    assert "De voorbeelden zijn van Zoë." in words(answer)
    assert answer.text.count('hx-swap-oob="true"') == 4


def test_unchanged_it_saves_nothing_and_says_so(admin: Widget, zoe: None) -> None:
    answer = send(admin, contact_first_name="firstName", contact_born="")
    assert answer.status_code == 200
    assert "Er is niets veranderd, dus er wordt niets gesynchroniseerd." in words(answer)
    assert db.session.scalars(db.select(Preview)).all() == []


def test_two_onto_one_is_refused_at_both(admin: Widget) -> None:
    answer = send(admin, contact_first_name="docs", relation_documents="docs")
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 2
    assert "Documenten is ook gekozen bij Documenten module." in words(answer)
    assert "Documenten is ook gekozen bij Voornaam." in words(answer)
    assert answer.text.count('data-chosen="docs"') == 2, "what was chosen is kept"


@pytest.mark.parametrize("property", ["birthday", "nothing", "permissions", "email"])
def test_what_cannot_be_chosen_is_refused(admin: Widget, property: str) -> None:
    answer = send(admin, contact_first_name=property)
    assert answer.status_code == 422 and answer.text.count('aria-invalid="true"') == 1


def test_a_field_that_vanished_meanwhile_is_told(admin: Widget) -> None:
    db.session.execute(db.update(Field).where(Field.name == "born").values(gone_at=db.func.now()))
    answer = send(admin, contact_born="birthday")
    assert answer.status_code == 422 and answer.text.count('aria-invalid="true"') == 1
    assert "(bestaat niet meer in Yoobi)" in words(answer)
    assert 'aria-describedby="sample-3 map-3-error"' in answer.text


def test_saving_shows_what_would_happen_and_then_does_it(
    admin: Widget, zoe: None, crm: responses.RequestsMock
) -> None:
    asked = send(admin, contact_first_name="firstName", contact_born="birthday")
    assert "0 van 1 contactpersonen bekeken" in words(asked)
    url = preview_of(asked)
    assert 'hx-trigger="every 1s"' in admin.get(url).text, "it is asked for again"
    work_out(url)

    shown = admin.get(url)
    assert "every 1s" not in shown.text, "and no more"
    assert "Bijgewerkt 1 Ongewijzigd 0 Geblokkeerd 0 Leeggemaakt 0" in " ".join(
        re.sub(r"(\w+) (\d)", r"\1 \2", words(shown)).split()
    )
    assert "Zoë Roepnaam Zoe → wordt Zoë" in words(shown), "who, what, before and after"
    assert saved() == {"first_name": "firstName"}

    done = admin.ask("POST", url)
    assert "Opgeslagen. De synchronisatie is gestart." in words(done)
    assert saved() == {"first_name": "firstName", "born": "birthday"}
    [run] = db.session.scalars(db.select(Run))
    assert (run.kind, run.selected, run.actor_name) == (RunKind.MAPPING, 1, "Alice")
    admin.ask("POST", url)
    assert len(db.session.scalars(db.select(Run)).all()) == 1, "twice is once"


def test_synchronising_now_leaves_the_mapping(
    admin: Widget, zoe: None, crm: responses.RequestsMock, environment: Environment
) -> None:
    url = preview_of(send(admin, f"{URL}/synchronisation", contact_first_name="firstName"))
    work_out(url)
    assert "Nu synchroniseren" in words(admin.get(url))
    admin.ask("POST", url)
    [run] = db.session.scalars(db.select(Run))
    assert run.kind is RunKind.SYNC and environment.mapping_version == 1


def test_synchronising_now_loses_no_changes(admin: Widget) -> None:
    answer = send(admin, f"{URL}/synchronisation", contact_born="birthday")
    assert answer.status_code == 422
    assert "Je wijzigingen zijn nog niet opgeslagen." in words(answer)
    assert 'data-chosen="birthday"' in answer.text


def test_going_back_keeps_what_was_chosen(admin: Widget, zoe: None) -> None:
    url = preview_of(send(admin, contact_born="birthday"))
    for answer in (admin.get(f"{url}/mapping"), admin.ask("DELETE", url)):
        assert 'data-chosen="birthday"' in answer.text
    assert db.session.get_one(Preview, UUID(url[-36:])).state is PreviewState.CANCELLED
    assert admin.ask("POST", url).status_code == 409, "what was stopped cannot be confirmed"


def test_somebody_elses_mapping_is_not_overwritten(
    admin: Widget, zoe: None, crm: responses.RequestsMock, environment: Environment
) -> None:
    url = preview_of(send(admin, contact_born="birthday"))
    work_out(url)
    db.session.add(
        MappingRow(
            environment_id=environment.id, entity="relation", field="documents", property="docs"
        )
    )
    environment.mapping_version = 2
    db.session.commit()
    late = admin.ask("POST", url)
    again = send(admin, contact_born="birthday")
    for answer in (late, again):
        assert answer.status_code == 409
        assert "De mapping is intussen door iemand anders gewijzigd." in words(answer)
        assert 'data-chosen="birthday"' in answer.text, "mine is kept"
        assert '<option value="docs" selected>' in answer.text, "and theirs is there"
    assert "born" not in saved() and db.session.scalars(db.select(Run)).all() == []


@pytest.mark.parametrize("kind", [URL, f"{URL}/synchronisation"])
def test_what_is_no_longer_true_is_made_anew_and_says_so(
    admin: Widget, zoe: None, crm: responses.RequestsMock, kind: str
) -> None:
    born = "birthday" if kind == URL else ""
    url = preview_of(send(admin, kind, contact_first_name="firstName", contact_born=born))
    work_out(url)
    row = db.session.get_one(Preview, UUID(url[-36:]))
    row.finished_at = datetime.now(UTC) - timedelta(minutes=11)
    db.session.commit()

    answer = admin.ask("POST", url)
    anew = preview_of(answer)
    assert answer.status_code == 409 and anew != url
    assert "Wat je zag klopte niet meer." in words(answer)
    assert db.session.scalars(db.select(Run)).all() == []
    work_out(anew)
    assert "Wat je zag klopte niet meer." in words(admin.get(anew)), "also when it is ready"
    admin.ask("POST", anew)
    assert len(db.session.scalars(db.select(Run)).all()) == 1


def test_what_cannot_be_chosen_any_more_is_chosen_again(
    admin: Widget, zoe: None, crm: responses.RequestsMock
) -> None:
    url = preview_of(send(admin, contact_born="birthday"))
    work_out(url)
    row = db.session.scalars(db.select(Property).where(Property.name == "birthday")).one()
    row.gone_at = datetime.now(UTC)
    db.session.commit()
    answer = admin.ask("POST", url)
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert db.session.scalars(db.select(Run)).all() == []


def test_the_brake_wants_the_number(
    admin: Widget, zoe: None, crm: responses.RequestsMock, client: FlaskClient
) -> None:
    configure(client.application, brake_count=0)
    row = db.session.scalars(db.select(MirrorContact)).one()
    row.properties = row.properties | {"birthday": "1980-01-01"}
    db.session.commit()
    url = preview_of(send(admin, contact_born="birthday"))
    work_out(url)
    assert "Bij 1 contactpersoon verdwijnt een waarde uit Spotler." in words(admin.get(url))
    for typed in ("", "2", "een"):
        answer = admin.ask("POST", url, number=typed)
        assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert saved() == {"first_name": "firstName"}
    assert "Opgeslagen." in words(admin.ask("POST", url, number=" 1 "))


def test_what_is_not_ours_is_refused(admin: Widget) -> None:
    assert admin.ask("POST", URL).status_code == 400
    for seen in ("[[1]", "[1]", "[[1]]", "1", ""):
        assert admin.ask("POST", URL, seen=seen).status_code == 400
    assert admin.get(f"/admin/previews/{uuid4()}").status_code == 404


def test_another_environments_preview_is_nobodys(
    admin: Widget, other_environment: Environment, client: FlaskClient, launch: Launch
) -> None:
    url = preview_of(send(admin, contact_born="birthday"))
    other = Widget.launch(
        client,
        launch("Alice", at=other_environment, widget="admin", resource={"type": "none"}),
    )
    assert other.get(url).status_code == 404
    assert other.ask("POST", url).status_code == 409
    other.ask("DELETE", url)
    assert db.session.get_one(Preview, UUID(url[-36:])).state is PreviewState.OPEN


def test_it_speaks_english(client: FlaskClient, launch: Launch, zoe: None) -> None:
    token = launch("Alice", widget="admin", resource={"type": "none"}, lang="en")
    admin = Widget.launch(client, token)
    assert "The email address is always sent." in words(admin.get(URL))
    assert "What will happen" in words(send(admin, contact_born="birthday"))
