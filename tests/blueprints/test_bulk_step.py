"""The second step of a bulk mutation: its plan, its numbers, and that saving makes one run."""

from __future__ import annotations

import re
import time
from collections.abc import Collection
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Field, Preview, Run, RunState, SecretKind
from spotler_plugin.services.environment import valid_secrets
from spotler_plugin.services.preview.compute import advance_preview
from spotler_plugin.services.sync.advance import advance_run
from tests.blueprints.widget import Widget, words
from tests.world.crowd import read_feed
from tests.world.world import MONTHLY, World


def step(client: FlaskClient, world: World, selection: str) -> Widget:
    """The widget, launched by Bob on a selection."""
    owner, now = world.environment, int(time.time())
    claims = {"iss": owner.key, "aud": "spotler-plugin", "sub": "bob", "name": "Bob", "iat": now,
              "nbf": now, "exp": now + 60, "jti": uuid4().hex, "widget": "bulk-step",
              "resource": {"type": "selection", "id": selection}, "permission": "edit",
              "origin": owner.crm_origins[0], "lang": "nl", "channel": uuid4().hex}  # fmt: skip
    secret = valid_secrets(owner, SecretKind.LAUNCH)[0]
    token = jwt.encode(claims, secret, "HS256", headers={"typ": "crm-launch+jwt"})
    return Widget.launch(client, token)


def select_people(world: World, ids: Collection[str]) -> str:
    """Tick these contacts in the CRM."""
    return world.crm.data.selections.add(list(ids), "u-devries").id


def field(world: World, name: str) -> str:
    """The name of a field's control."""
    id_ = db.session.scalars(
        select(Field.id).where(Field.environment_id == world.environment.id, Field.name == name)
    ).one()
    return f"value-{id_}"


def plan(world: World, widget: Widget, **form: Any) -> TestResponse:
    """What the form would do, once a worker has worked it out."""
    asked = widget.ask("POST", "/bulk-step/plan", **form)
    assert asked.status_code == 200, asked.text
    preview_id = preview_of(asked)
    while advance_preview(world.environment.id, preview_id):
        pass
    db.session.expire_all()
    return widget.get(f"/bulk-step/plan/{preview_id}")


def preview_of(answer: TestResponse) -> UUID:
    found = re.search(r'name="preview_id" value="([^"]+)"', answer.text)
    assert found is not None, answer.text
    return UUID(found[1])


def save(widget: Widget, planned: TestResponse, **form: Any) -> TestResponse:
    return widget.ask("POST", "/bulk-step", preview_id=str(preview_of(planned)), **form)


def runs(world: World) -> list[Run]:
    found = select(Run).where(Run.environment_id == world.environment.id)
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def on(bit: int = MONTHLY, ground: str = "beurs") -> dict[str, str]:
    return {f"permission-{bit}": "on", f"ground-{bit}": ground}


def test_the_form_has_the_fields_of_the_crm(client: FlaskClient, world: World) -> None:
    page = step(client, world, select_people(world, [world.person("a@example.nl")])).page
    for label in ("Notitie", "Functie", "Afdeling", "Voorkeurstaal", "Trefwoorden"):
        assert f">{label}</label>" in page
    assert "Alle bestaande trefwoorden vervangen" in page
    assert 'hx-trigger="load,' in page, "the launch itself writes nothing"
    assert runs(world) == []


def test_the_plan_is_what_happens(client: FlaskClient, world: World) -> None:
    ids = [world.person(f"persoon{n}@example.nl") for n in range(3)]
    without = world.person(None, last_name="Zonder")
    widget = step(client, world, select_people(world, [*ids, without, "nobody"]))
    form = on() | {field(world, "job_title"): "Directeur"}
    planned = plan(world, widget, **form)
    shown = words(planned)
    assert "Voor 5 geselecteerde contactpersonen." in shown
    assert "3 Gekoppeld" in shown or "Gekoppeld 3" in shown
    assert "Geen e-mailadres" in shown
    saved = save(widget, planned, **form)
    assert saved.status_code == 200, saved.text
    assert "wizard.done" in saved.headers["HX-Trigger"]
    [run] = runs(world)
    while advance_run(run.id):
        pass
    [run] = runs(world)
    assert (run.state, run.linked, run.blocked) == (RunState.FINISHED, 3, 2)
    found = world.in_spotler(ids[0])
    assert found is not None and found.permissions[MONTHLY]
    row = world.crm.data.contacts.find(without)
    assert row is not None and row.fields["job_title"] == "Directeur", "the CRM's part was done"
    acts = select(func.count()).select_from(Act).where(Act.environment_id == run.environment_id)
    assert db.session.scalar(acts) == 5


def test_saving_twice_makes_one_run(client: FlaskClient, world: World) -> None:
    selection = select_people(world, [world.person("a@example.nl")])
    first, second = step(client, world, selection), step(client, world, selection)
    planned = plan(world, first)
    assert save(first, planned).status_code == 200
    assert save(first, planned).status_code == 200
    assert save(second, plan(world, second)).status_code == 200
    other = save(second, plan(world, second, **on()), **on())
    assert other.status_code == 409 and "HX-Trigger" not in other.headers
    assert "Wat je op dit scherm koos is niet opgeslagen, en gebeurt niet." in words(other)
    assert len(runs(world)) == 1
    assert "Deze bulkmutatie is opgeslagen." in step(client, world, selection).page


def test_what_was_changed_since_is_worked_out_first(client: FlaskClient, world: World) -> None:
    widget = step(client, world, select_people(world, [world.person("a@example.nl")]))
    planned = plan(world, widget)
    answer = save(widget, planned, **on())
    assert answer.status_code == 409
    assert preview_of(answer) != preview_of(planned)
    assert runs(world) == []


def test_who_signed_off_is_named_with_the_day(client: FlaskClient, world: World) -> None:
    contact_id = world.person("anna@example.nl")
    world.save(contact_id, {MONTHLY: True})
    read_feed(world)
    world.sign_off(contact_id, MONTHLY)
    read_feed(world)
    widget = step(client, world, select_people(world, [contact_id]))
    planned = plan(world, widget, **on())
    people = widget.get(f"/bulk-step/plan/{preview_of(planned)}/people?reason=signed_off")
    assert "afgemeld op" in words(people) and "in Spotler" in words(people)
    save(widget, planned, **on())
    [_, run] = sorted(runs(world), key=lambda each: each.created_at)
    while advance_run(run.id):
        pass
    found = world.in_spotler(contact_id)
    assert found is not None and not found.permissions[MONTHLY]


def test_who_is_inactive_is_named_with_the_day(client: FlaskClient, world: World) -> None:
    contact_id = world.person("a@example.nl")
    world.save(contact_id)
    read_feed(world)
    world.control("POST", f"/contacts/{contact_id}/opt-out")
    read_feed(world)
    widget = step(client, world, select_people(world, [contact_id]))
    planned = plan(world, widget, **on())
    people = widget.get(f"/bulk-step/plan/{preview_of(planned)}/people?reason=inactive")
    assert "Afgemeld of afgesloten in Spotler op" in words(people)


def test_every_number_of_the_plan_leads_to_the_people_behind_it(
    client: FlaskClient, world: World
) -> None:
    ids = [world.person("anna@example.nl", last_name="Jansen"), world.person(None)]
    widget = step(client, world, select_people(world, ids))
    asked = on() | {"automation": str(world.automation("download e-book"))}
    planned = plan(world, widget, **asked)
    ways = [unescape(url) for url in re.findall(r'hx-get="([^"]+/people[^"]*)"', planned.text)]
    titles = []
    for url in ways:
        people = widget.get(url)
        assert people.status_code == 200
        found = re.findall(r"<h3>(.*)</h3>", people.text)
        assert people.text.count("contact.open") == 1, found
        titles += found
    assert titles == [
        "Gekoppeld",
        "Yoobi Maandelijkse nieuwsbrief · Wordt gewijzigd",
        "Yoobi Maandelijkse nieuwsbrief · Geblokkeerd",
        "download e-book · Start",
        "download e-book · Geblokkeerd",
        "Geen e-mailadres",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "figure=started&subject=x&end=starts",
        "figure=switched",
        "figure=updated&end=done",
        "figure=refused&subject=x&end=done",
    ],
)
def test_no_page_of_ours_asks_for_other_people(
    client: FlaskClient, world: World, query: str
) -> None:
    widget = step(client, world, select_people(world, [world.person("anna@example.nl")]))
    planned = plan(world, widget)
    assert widget.get(f"/bulk-step/plan/{preview_of(planned)}/people?{query}").status_code == 400


@pytest.mark.parametrize(
    "form", [{"permission-1": "on"}, {"permission-1": "on", "ground-1": "x" * 201}]
)
def test_a_ground_is_asked(client: FlaskClient, world: World, form: dict[str, str]) -> None:
    widget = step(client, world, select_people(world, [world.person("a@example.nl")]))
    answer = widget.ask("POST", "/bulk-step/plan", **form)
    assert answer.status_code == 422
    assert "Yoobi Maandelijkse nieuwsbrief: " in words(answer), "it says of which permission"
    assert db.session.scalar(select(func.count()).select_from(Preview).where(
        Preview.environment_id == world.environment.id)) == 0  # fmt: skip


def test_emptying_is_a_choice_of_its_own(client: FlaskClient, world: World) -> None:
    contact_id = world.person("a@example.nl", job_title="Chef", department="Inkoop")
    widget = step(client, world, select_people(world, [contact_id]))
    name = field(world, "job_title").replace("value", "empty")
    both = {name: "y", field(world, "job_title"): "Directeur"}
    assert widget.ask("POST", "/bulk-step/plan", **both).status_code == 422
    save(widget, plan(world, widget, **{name: "y"}), **{name: "y"})
    [run] = runs(world)
    while advance_run(run.id):
        pass
    row = world.crm.data.contacts.find(contact_id)
    assert row is not None
    assert row.fields["job_title"] is None and row.fields["department"] == "Inkoop"
