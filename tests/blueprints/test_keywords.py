"""Keywords and the set that they feed on the screens: entries by what they are called, no bits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import responses

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Environment,
    Field,
    Link,
    MappingRow,
    MirrorContact,
    Outcome,
    Preview,
    Property,
    Run,
    RunItem,
)
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.reason import Reason, Refusal
from spotler_plugin.services.preview.compute import advance_preview
from tests.blueprints.conftest import CRM
from tests.blueprints.widget import Widget, words

FIELDS = (
    ("email", "E-mail", "email"),
    ("keywords", "Trefwoorden", "keywords"),
    ("city", "Plaats", "text"),
)
ENTRIES = [
    {"bit": 1, "description": "Beurs"},
    {"bit": 1024, "description": "Webinars"},
    {"bit": 2048, "description": "Oude lijst", "gone": True},
]
PROPERTIES: tuple[tuple[str, str, str, list[dict[str, Any]]], ...] = (
    ("interests", "Interesses", "set", ENTRIES),
    ("tags", "Labels", "string", []),
)


@pytest.fixture(autouse=True)
def zoe(environment: Environment) -> None:
    """Linked, interested in webinars and in something that vanished; a set and a text to feed."""
    owner, now = environment.id, datetime.now(UTC)
    for position, (name, label, type_) in enumerate(FIELDS):
        db.session.add(
            Field(environment_id=owner, entity="contact", name=name, label=label, type=type_,
                  position=position, choices=[])
        )  # fmt: skip
    for name, label, type_, entries in PROPERTIES:
        db.session.add(
            Property(environment_id=owner, name=name, description=label, type=type_,
                     entries=entries)
        )  # fmt: skip
    db.session.add(Link(environment_id=owner, contact_id="z", linked_at=now, synced_at=now))
    db.session.add(
        MirrorContact(environment_id=owner, external_id="z", encrypted_id="enc",
                      address="zoe@example.nl", active=True, permissions={}, observed_at=now,
                      properties={"email": "zoe@example.nl",
                                  "interests": {"1": False, "1024": True, "2048": True}})
    )  # fmt: skip
    environment.mapping_version = 1
    db.session.commit()


@pytest.fixture
def crm() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        fields = {"email": "zoe@example.nl", "keywords": ["beurs", "golf"], "city": "Ede"}
        zoe = {"id": "z", "relation_id": None, "primary": False, "active": True, "version": 1,
               "fields": fields}  # fmt: skip
        wire.get(f"{CRM}/contacts", json={"contacts": [zoe], "missing": []})
        yield wire


def choose(admin: Widget, property: str) -> str:
    """Map the keywords; the URL of what would happen."""
    answer = admin.ask(
        "POST", "/admin/mapping", seen="[]",
        **{"contact:keywords": property, "contact:city": ""},
    )  # fmt: skip
    found = re.search(r"/admin/previews/[0-9a-f-]{36}", answer.text)
    assert found is not None, answer.text
    row = db.session.get_one(Preview, UUID(found[0][-36:]))
    advance_preview(row.environment_id, row.id)
    return found[0]


def test_keywords_may_be_chosen_for_a_set_and_a_text_may_not(admin: Widget) -> None:
    selects = re.findall(r"<select.*?</select>", admin.get("/admin/mapping").text, re.S)
    keywords, city = (next(s for s in selects if f"contact:{name}" in s) for name in
                      ("keywords", "city"))  # fmt: skip
    assert '<option value="interests">Interesses · meerkeuze</option>' in keywords
    assert '<option value="tags">Labels · tekst</option>' in keywords
    assert "<option disabled>Interesses · meerkeuze</option>" in city


def test_the_example_is_in_words(admin: Widget, crm: responses.RequestsMock) -> None:
    assert "Voorbeeld: beurs, golf" in words(admin.ask("POST", "/admin/mapping/samples"))


def test_what_would_happen_names_entries_and_keywords(
    admin: Widget, crm: responses.RequestsMock
) -> None:
    shown = words(admin.get(choose(admin, "interests")))
    assert "Interesses Webinars, Oude lijst → wordt Beurs, Oude lijst" in shown
    assert "Interesses: Trefwoord niet bekend in Spotler" in shown
    assert "Spotler kent „golf” niet bij Interesses; voeg het daar toe." in shown
    assert "Trefwoorden die Spotler wel kent, gaan mee." in shown
    assert "Interesses Een deel van de keuzes gaat uit; de andere blijven aan." in shown
    assert "1024" not in shown and "True" not in shown


def test_as_a_text_they_go_one_after_the_other(admin: Widget, crm: responses.RequestsMock) -> None:
    shown = words(admin.get(choose(admin, "tags")))
    assert "Labels leeg → wordt beurs, golf" in shown


@pytest.fixture
def made(admin: Widget, crm: responses.RequestsMock) -> Run:
    """The run that follows, as it ended."""
    admin.ask("POST", choose(admin, "interests"))
    item = db.session.scalars(db.select(RunItem)).one()
    item.outcome, item.settled_at = Outcome.UPDATED, datetime.now(UTC)
    item.before = Image(properties={"interests": {"1": True, "1024": True}})
    item.after = Image(properties={"interests": {"1": False, "1024": True, "4096": True}})
    refusal = Refusal("Interesses", "interests", Reason.ENTRY_MISSING, ("golf", "tennis"))
    item.detail = Detail(refusals=(refusal,))
    db.session.commit()
    found: Run = db.session.scalars(db.select(Run)).one()
    return found


def test_a_run_tells_it_in_words(admin: Widget, made: Run) -> None:
    shown = words(admin.get(f"/admin/runs/{made.id}"))
    assert "Interesses Beurs, Webinars → werd Webinars, onbekende keuze" in shown
    assert "Niet alles ging mee" in shown
    assert "Spotler kent „golf”, „tennis” niet bij Interesses; voeg ze daar toe." in shown


def test_a_file_tells_it_too(admin: Widget, made: Run) -> None:
    text = admin.get(f"/admin/runs/{made.id}/outcomes.csv").text
    assert "Interesses: Beurs, Webinars → Webinars, onbekende keuze" in text
    assert "Spotler kent „golf”, „tennis” niet bij Interesses" in text


def test_what_was_emptied_is_empty(admin: Widget, made: Run) -> None:
    item = db.session.scalars(db.select(RunItem)).one()
    item.before = Image(properties={"interests": {"1": True}})
    item.after = Image(properties={}, cleared=frozenset({"interests"}))
    db.session.commit()
    assert "Interesses Beurs → werd leeg" in words(admin.get(f"/admin/runs/{made.id}"))


def test_a_saved_row_that_feeds_the_permissions_feeds_nothing(
    admin: Widget, environment: Environment, crm: responses.RequestsMock
) -> None:
    db.session.add(
        Property(environment_id=environment.id, name="permissions", description="Permissies",
                 type="set", entries=ENTRIES)
    )  # fmt: skip
    row = ["contact", "keywords", "permissions"]
    db.session.add(
        MappingRow(environment_id=environment.id, entity=row[0], field=row[1], property=row[2])
    )
    db.session.commit()
    answer = admin.ask(
        "POST", "/admin/mapping/synchronisation", seen=json.dumps([row]),
        **{"contact:keywords": "permissions", "contact:city": ""},
    )  # fmt: skip
    found = re.search(r"/admin/previews/([0-9a-f-]{36})", answer.text)
    assert found is not None, answer.text
    advance_preview(environment.id, UUID(found[1]))
    assert "Bijgewerkt 0" in re.sub(r"(\w)(\d)", r"\1 \2", words(admin.get(found[0])))
