"""Synchronisaties in a browser: watch one go by itself, filter, try again, take the file along."""

from __future__ import annotations

import csv
import re
from io import StringIO
from pathlib import Path

import pytest
import requests
from playwright.sync_api import FrameLocator, expect

from tests.journeys.look import check_all
from tests.journeys.person import Person, answer, press
from tests.journeys.test_mapping import WORKING

pytestmark = pytest.mark.browser


def foreseen(person: Person) -> FrameLocator:
    """Link a contact and ask to synchronise all that are linked; what would be done."""
    person.connect()
    modal = person.open_modal("Österbaan")
    modal.get_by_role("button", name="Opslaan").click()
    expect(person.page.get_by_role("dialog")).to_have_count(0, timeout=WORKING)
    admin = person.connect()
    press(admin.get_by_role("button", name="Mapping", exact=True))
    press(admin.get_by_role("button", name="Nu synchroniseren"))
    # In two steps, so that a failure tells whether the click was lost, or what came of it.
    expect(admin.locator("#preview")).to_be_visible()
    expect(admin.locator("#confirm")).to_be_visible(timeout=WORKING)
    return admin


def synchronised(person: Person) -> FrameLocator:
    """The screen of a run that synchronised all that are linked."""
    admin = foreseen(person)
    press(admin.locator("#confirm"))
    expect(admin.locator("#run-state")).to_have_text("Klaar", timeout=WORKING)
    return admin


def test_it_goes_by_itself_and_tells_all(person: Person) -> None:
    admin = synchronised(person)
    expect(admin.get_by_role("heading", level=1)).to_contain_text("Synchronisatie gestart door")
    expect(admin.get_by_role("progressbar")).to_be_visible()
    assert "every" not in str(admin.locator("#run-progress").get_attribute("hx-trigger"))

    press(admin.locator("#count-failed"))
    expect(admin.locator("#count-failed")).to_have_attribute("aria-pressed", "true")
    expect(admin.locator("#contacts-title")).to_be_focused()
    expect(admin.get_by_text("Geen contactpersonen gevonden")).to_be_visible()
    press(admin.get_by_role("button", name="Alle tonen"))
    expect(admin.locator("#count-failed")).to_have_attribute("aria-pressed", "false")
    admin.get_by_role("searchbox").fill("zoe@")
    admin.get_by_role("searchbox").press("Enter")
    expect(admin.locator(".contacts > li")).to_have_count(1)
    expect(admin.locator("#contacts-title")).to_be_focused()
    expect(admin.get_by_role("searchbox")).to_have_value("zoe@")
    expect(admin.get_by_text("Alleen:")).to_contain_text("zoe@")
    expect(admin.locator("#download")).to_have_text("Selectie downloaden als CSV")


def test_stopping_tells_how_many_are_left_and_how_many_were_not_done(person: Person) -> None:
    admin = foreseen(person)
    # So that nobody's turn came before it is stopped.
    person.stack.stop("worker")
    press(admin.locator("#confirm"))
    press(admin.get_by_role("button", name="Stoppen"))
    question = admin.get_by_role("dialog")
    expect(question).to_contain_text(re.compile("[0-9]+ contactperso(on wordt|nen worden) over"))
    answer(question, "Stoppen")
    expect(admin.locator("#run-state")).to_contain_text("Wordt gestopt")
    person.stack.start("worker")
    expect(admin.locator("#run-state")).to_contain_text("Gestopt", timeout=WORKING)
    expect(admin.locator("#run-progress")).to_contain_text(
        re.compile("[0-9]+ geselecteerd, 0 gedaan, [0-9]+ niet meer")
    )


def test_the_end_of_a_run_takes_nothing_of_who_looks(person: Person) -> None:
    """What was typed into the search was lost with the screen that took the place of this one."""
    admin = foreseen(person)
    # So that it is under way while somebody types.
    slow = {"kind": "slow", "calls": 1, "seconds": 4, "path": "/contacts"}
    requests.post(f"{person.stack.crm_url}/_demo/faults", json=slow, timeout=5).raise_for_status()
    press(admin.locator("#confirm"))
    search = admin.get_by_role("searchbox")
    search.fill("zoe@")
    search.evaluate("field => field.setSelectionRange(1, 1)")
    expect(admin.locator("#run-state")).to_have_text("Klaar", timeout=WORKING)
    expect(search).to_have_value("zoe@")
    expect(search).to_be_focused()
    assert search.evaluate("field => field.selectionStart") == 1


def test_the_outcomes_come_as_a_file(person: Person) -> None:
    admin = synchronised(person)
    with person.page.expect_download() as download:
        press(admin.get_by_role("button", name="Downloaden als CSV"))
    assert download.value.suggested_filename.startswith("synchronisatie-")
    text = Path(download.value.path()).read_text("utf-8-sig")
    rows = list(csv.reader(StringIO(text), delimiter=";"))
    assert rows[0][0] == "CRM-nummer" and len(rows) > 1


def test_it_is_fit_for_everybody(looking: Person) -> None:
    admin = synchronised(looking)
    check_all(looking.page)
    press(admin.get_by_role("button", name="Alle synchronisaties"))
    expect(admin.locator(".runs")).to_be_visible()
    check_all(looking.page)
