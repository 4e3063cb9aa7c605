"""A bulk mutation of 250 contacts of all kinds: the plan's numbers are the outcome's numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import FrameLocator, Locator, Page, expect

from demo.ports import Ports
from demo.stack import Stack
from tests.journeys.look import check_all
from tests.journeys.person import Person, press
from tests.journeys.test_mapping import WORKING
from tests.world.world import MONTHLY

pytestmark = pytest.mark.browser

NEWSLETTER, E_BOOK = "Yoobi Maandelijkse nieuwsbrief", "download e-book"


COUNTS = ("Gekoppeld", "Bijgewerkt", "Ongewijzigd", "Geblokkeerd")


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """With 250 contacts, which the demo seeds with everything that happens, and no pace limit: two
    hundred automations start one by one."""
    pace = {"SPOTLER_CALLS_PER_SECOND": "0"}
    folder = tmp_path_factory.mktemp("crowd")
    with Stack(folder, Ports.free(), contacts=250, settings=pace) as stack:
        yield stack


@pytest.fixture
def person(page: Page, crowd: Stack) -> Person:
    return Person(page, crowd)


def tick_all(person: Person) -> None:
    """Contactpersonen › all of them › Bulkmutatie."""
    person.page.goto(f"{person.stack.crm_url}/contacts")
    person.page.get_by_label("Alles op deze pagina selecteren").check()
    everybody = person.page.get_by_role("button", name=re.compile("Alle .* selecteren"))
    everybody.click()
    person.page.get_by_role("button", name="Bulkmutatie").click()
    expect(person.page.locator("[aria-current=step]")).to_have_text("Selecteer contactpersonen")


def step_two(person: Person) -> FrameLocator:
    """Volgende; the form, with its plan worked out."""
    person.page.get_by_role("button", name="Volgende", exact=True).click()
    step = person.page.frame_locator("iframe")
    expect(step.get_by_role("heading", level=1)).to_have_text("Wijzig instellingen")
    return step


def planned(step: FrameLocator) -> dict[str, int]:
    """The plan's counts by their words, once it is worked out."""
    expect(step.locator("#plan .counts")).to_be_visible(timeout=WORKING)
    return {
        each.locator("span").inner_text(): number(each.locator("strong"))
        for each in step.locator("#plan .counts > .count").all()
    }


def number(place: Locator) -> int:
    return int(re.sub(r"\D", "", place.inner_text()))


def cells(step: FrameLocator, table: str, row: str) -> list[int]:
    found = step.get_by_role("group", name=table, exact=True).get_by_role("row", name=row)
    return [number(each) for each in found.get_by_role("cell").all()]


def in_spotler(person: Person) -> list[dict[str, Any]]:
    contacts: list[dict[str, Any]] = person.spotler("GET", "/contacts")["contacts"]
    return contacts


def in_crm(person: Person) -> list[dict[str, Any]]:
    url = f"{person.stack.crm_url}/_demo/contacts?limit=1000"
    contacts: list[dict[str, Any]] = requests.get(url, timeout=10).json()["contacts"]
    return contacts


def outcome(person: Person, asked: str) -> dict[str, int]:
    """The run under Synchronisaties, once it is over: its counts; it shows what was asked."""
    person.page.goto(f"{person.stack.crm_url}/preferences/spotler")
    admin = person.page.frame_locator("iframe")
    press(admin.get_by_role("button", name="Synchronisaties", exact=True))
    press(admin.get_by_role("button", name="Bulkmutatie door A. de Vries").first)
    expect(admin.locator("#run-state")).to_have_text("Klaar", timeout=WORKING)
    about = admin.get_by_role("region", name="Gevraagd, voor alle contactpersonen")
    expect(about).to_contain_text(asked)
    counts = admin.locator("#run-progress button.count")
    return {
        each.locator("span").inner_text(): number(each.locator("strong")) for each in counts.all()
    }


def test_the_plan_is_the_outcome(person: Person) -> None:
    person.connect()
    # Somebody is linked already, and somebody signed off since.
    for name in ("Österbaan", "Dubois"):
        modal = person.open_modal(name)
        person.switch(modal, "Spotler permissies", NEWSLETTER).check()
        modal.get_by_role("button", name="Opslaan").click()
        expect(person.page.get_by_role("dialog")).to_have_count(0)
    opted_out = person.contact_id()
    off = {"bit": MONTHLY, "enabled": False}
    person.spotler("POST", f"/contacts/{opted_out}/permissions", off)
    person.open_modal("Dubois")  # Which reads it.
    before = {each["id"]: each for each in in_crm(person)}

    tick_all(person)
    person.page.get_by_label("Henk Stip selecteren").uncheck()  # An address that Spotler refuses.
    expect(person.page.get_by_role("region", name="Selectie")).to_contain_text("249")
    step = step_two(person)
    assert planned(step)["Leeggemaakt"] == 0
    step.get_by_role("combobox", name=NEWSLETTER).select_option("on")
    expect(step.locator("#plan").get_by_text("Het formulier klopt nog niet.")).to_be_visible()
    ground = step.get_by_label(f"Grond voor {NEWSLETTER}")
    expect(ground).to_have_accessible_description("Vul in op welke grond deze permissie aan mag.")
    ground.fill("toestemming gegeven")
    step.get_by_role("switch", name=E_BOOK).check()
    expect(step.get_by_role("row", name=E_BOOK)).to_be_visible(timeout=WORKING)
    expect(step.get_by_role("row", name=NEWSLETTER)).to_be_visible()
    expect(ground).to_have_accessible_description("")
    plan = planned(step)
    switched, already, signed_off, blocked = cells(step, "Permissies", NEWSLETTER)
    starts, started, not_started = cells(step, "Automations", E_BOOK)
    assert sum(plan.values()) == 249 == switched + already + signed_off + blocked
    assert signed_off == 1 and already >= 1 and started == 0
    assert not_started == blocked + signed_off
    press(step.locator("#count-linked"))
    expect(step.locator("#people")).to_be_focused()
    expect(step.locator("#people .contacts > li").first).to_be_visible()
    press(step.get_by_role("button", name=f"{NEWSLETTER} · Afgemeld, blijft uit: {signed_off}"))
    expect(step.get_by_role("button", name="Élodie Dubois")).to_be_visible()
    expect(step.locator("#people")).to_contain_text("in Spotler")

    press(step.get_by_role("button", name="Opslaan"))
    notice = person.page.get_by_text("Bulkmutatie gestart voor 249 contactpersonen")
    expect(notice).to_be_visible()
    counts = outcome(person, f"{NEWSLETTER}: aan, op grond van: toestemming gegeven")
    assert {
        name: counts[name] for name in ("Gekoppeld", "Bijgewerkt", "Ongewijzigd", "Geblokkeerd")
    } == {name: plan[name] for name in ("Gekoppeld", "Bijgewerkt", "Ongewijzigd", "Geblokkeerd")}
    assert sum(counts.values()) == 249
    ours = [each for each in in_spotler(person) if each.get("externalId") in before]
    on = [each for each in ours if NEWSLETTER in each["permissions"]]
    assert len(on) == switched + already
    assert opted_out not in {each["externalId"] for each in on}
    assert sum(len(each["enrolments"]) for each in ours) == starts


def test_fields_go_to_the_crm_and_who_it_declines_is_told(person: Person) -> None:
    person.connect()
    tick_all(person)
    step = step_two(person)
    planned(step)
    step.get_by_role("textbox", name="Functie", exact=True).fill("Relatiebeheerder")
    expect(step.get_by_text("Functie wordt “Relatiebeheerder”")).to_be_visible(timeout=WORKING)
    planned(step)
    press(step.get_by_role("button", name="Opslaan"))
    expect(person.page.get_by_text("Bulkmutatie gestart voor 250")).to_be_visible()
    assert sum(outcome(person, "Functie wordt “Relatiebeheerder”").values()) == 250
    admin = person.page.frame_locator("iframe")
    expect(admin.locator("#screen")).to_contain_text("vergrendeld", ignore_case=True)
    titles = [each["fields"]["job_title"] for each in in_crm(person)]
    locked = [title for title in titles if title != "Relatiebeheerder"]
    assert 0 < len(locked) < 20


@pytest.fixture
def looking(narrow_page: Page, crowd: Stack) -> Person:
    return Person(narrow_page, crowd)


def test_it_is_fit_for_everybody(looking: Person) -> None:
    looking.connect()
    tick_all(looking)
    step = step_two(looking)
    planned(step)
    check_all(looking.page)
    step.get_by_role("combobox", name=NEWSLETTER).select_option("on")
    expect(step.locator("#plan").get_by_text("Het formulier klopt nog niet.")).to_be_visible()
    check_all(looking.page)
