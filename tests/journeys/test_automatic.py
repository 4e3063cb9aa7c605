"""What happens without a person in a widget: a sale that moves, a module that is bought."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, expect

from tests.journeys.person import Person, press
from tests.journeys.test_automatic_action import NEWSLETTER, open_new
from tests.journeys.test_events import crm
from tests.journeys.test_mapping import WORKING, editor

pytestmark = pytest.mark.browser


def in_spotler(person: Person, contact_id: str) -> dict[str, Any]:
    """The contact's properties; none while it is not there."""
    contacts = person.spotler("GET", "/contacts?after=0")["contacts"]
    found = [each["properties"] for each in contacts if each.get("externalId") == contact_id]
    return found[0] if found else {}


def wait_until(person: Person, is_so: Callable[[], bool]) -> None:
    """Nobody at a screen is told when a worker is done with what happened by itself."""
    for _ in range(WORKING // 250):
        if is_so():
            return
        person.page.wait_for_timeout(250)
    raise AssertionError("It did not come.")


def is_on(person: Person, contact_id: str) -> bool:
    permissions = in_spotler(person, contact_id).get("permissions", [])
    return any(each["enabled"] and each["description"] == NEWSLETTER for each in permissions)


def note(person: Person, contact_id: str) -> object:
    """The contact's note in the CRM."""
    url = f"{person.stack.crm_url}/_demo/contacts/{contact_id}"
    return person.page.context.request.get(url).json()["fields"]["note"]


def make_action(person: Person, name: str, phase: str) -> None:
    """One that switches the newsletter on, attached to a phase."""
    form = open_new(person)
    form.get_by_label("Naam").fill(name)
    form.get_by_label("Notitie").fill("Offerte verstuurd")
    form.get_by_label(NEWSLETTER, exact=True).select_option("aan")
    ground = form.get_by_label(f"Grond voor {NEWSLETTER}")
    expect(ground).to_be_visible()
    ground.fill("toestemming gegeven")
    press(form.get_by_role("button", name="Opslaan"))
    person.page.wait_for_url("**/preferences/automatic-actions")
    person.page.get_by_role("link", name="Acties koppelen aan een verkoopfase").click()
    person.page.get_by_label("Verkoopfase").select_option(phase)
    person.page.get_by_label("Automatische actie").select_option(label=name)
    person.page.get_by_role("button", name="Koppelen", exact=True).click()


def sale_of(person: Person, name: str) -> Locator:
    return person.page.locator("article.sale", has=person.page.get_by_role("link", name=name)).first


def move(person: Person, name: str, phase: str) -> None:
    """By keyboard, as a person does who cannot drag."""
    person.page.goto(f"{person.stack.crm_url}/sales")
    sale_of(person, name).get_by_role("combobox").select_option(phase)
    sale_of(person, name).get_by_role("button").press("Enter")
    expect(person.page.locator(f"[data-phase='{phase}']")).to_contain_text(name)


def test_a_sale_that_moves_fires_its_action_once(person: Person) -> None:
    person.connect()
    # Another journey makes one that is called so.
    name = f"Na de offerte {uuid4().hex[:6]}"
    make_action(person, name, "Onderhandeling")
    move(person, "Österbaan", "Onderhandeling")
    sale_of(person, "Österbaan").get_by_role("link").click()
    expect(person.page.get_by_label("Notitie")).to_be_visible()
    contact_id = person.contact_id()
    wait_until(person, lambda: note(person, contact_id) == "Offerte verstuurd")
    wait_until(person, lambda: is_on(person, contact_id))
    person.page.reload()
    expect(person.page.get_by_label("Notitie")).to_have_value("Offerte verstuurd")
    expect(person.status()).to_contain_text("Gesynchroniseerd", timeout=WORKING)

    # There and back is another transition; the same event again is none.
    move(person, "Österbaan", "Lead")
    move(person, "Österbaan", "Onderhandeling")
    crm_events = person.page.context.request.get(f"{person.stack.crm_url}/_demo/events").json()
    fired = [e for e in crm_events["events"] if e["type"] == "automatic_action.triggered"]
    for _ in range(10):
        crm(person, "POST", f"/events/{fired[0]['id']}/again")
    admin = person.connect()
    press(admin.get_by_role("button", name="Automatische acties", exact=True))
    press(admin.get_by_role("button", name=name).first)
    fired_for = admin.locator("#firings .contacts > li")

    def has_fired_twice() -> bool:
        press(admin.get_by_role("button", name="Geschiedenis"))
        expect(fired_for.first).to_be_visible()
        count = fired_for.count()
        press(admin.locator("#to-action"))
        return count >= 2

    wait_until(person, has_fired_twice)
    press(admin.get_by_role("button", name="Geschiedenis"))
    expect(fired_for).to_have_count(2)


def test_a_module_that_is_bought_is_in_spotler(person: Person) -> None:
    admin = editor(person)
    admin.get_by_label("Documenten module", exact=True).select_option("documentenModule")
    admin.get_by_label("Facturatie module", exact=True).select_option("facturenModule")
    press(admin.get_by_role("button", name="Opslaan", exact=True))
    expect(admin.locator("#confirm")).to_be_visible(timeout=WORKING)
    press(admin.locator("#confirm"))
    modal = person.open_modal("Österbaan")
    contact_id, page = person.contact_id(), person.page
    modal.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    wait_until(person, lambda: bool(in_spotler(person, contact_id)))
    before = in_spotler(person, contact_id)

    page.locator("section", has_text="Relatie").get_by_role("link").first.click()
    page.get_by_label("Documenten module").click()
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_text("Opgeslagen.")).to_be_visible()
    page.get_by_role("link", name="Relatie-instellingen").click()
    page.get_by_label("Facturatie module").click()
    page.get_by_role("button", name="Opslaan").click()
    expect(page.get_by_text("Opgeslagen.")).to_be_visible()
    changed = {"documentenModule", "facturenModule"}

    def differs() -> bool:
        now = in_spotler(person, contact_id)
        return all(now.get(name) != before.get(name) for name in changed)

    wait_until(person, differs)
    now = in_spotler(person, contact_id)
    assert {name for name in now if now[name] != before.get(name)} == changed
