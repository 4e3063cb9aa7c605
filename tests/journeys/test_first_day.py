"""The first day: from a pasted key to everybody linked whom Spotler had already."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import FrameLocator, expect

from demo.crm.seed import contact_fields, contact_id
from tests.journeys.look import check
from tests.journeys.person import Person, press, unfold

pytestmark = pytest.mark.browser

KNOWN = (14, 15, 16, 19)
"""People of the CRM whom Spotler has by their address."""
FORGET = """
    DELETE FROM connection; DELETE FROM feed; DELETE FROM link; DELETE FROM mapping_row;
    DELETE FROM mirror_contact; DELETE FROM run_item; DELETE FROM run;
    UPDATE environment SET mapping_version = 0;
"""
"""What an environment does not have that was never connected."""


def forget(person: Person) -> None:
    file = person.stack.state / "plugin.sqlite3"
    with closing(sqlite3.connect(file, timeout=30)) as plugin, plugin:
        plugin.executescript(FORGET)


@pytest.fixture
def admin(person: Person) -> Iterator[FrameLocator]:
    """The widget of an environment that was never connected, as it opens; nor is it for others, who
    would else find another mapping."""
    planted = [{"email": contact_fields(each)["email"]} for each in KNOWN]
    person.spotler("POST", "/contacts", {"contacts": planted})
    forget(person)
    yield person.open_admin()
    forget(person)


def test_from_the_key_to_everybody_who_was_there(person: Person, admin: FrameLocator) -> None:
    expect(admin.get_by_role("heading", name="Aan de slag met Spotler")).to_be_visible()
    expect(admin.get_by_role("navigation")).to_have_count(0)
    check(person.page)
    person.give_key(admin)

    expect(admin.get_by_text("Verbonden met Spotler.", exact=True)).to_be_visible()
    expect(admin.get_by_text("8 contactpersonen van Yoobi staan er al in.")).to_be_visible()
    check(person.page)
    press(admin.get_by_role("button", name="Volgende: mapping"))

    expect(admin.get_by_text("De voorbeelden zijn van")).to_be_visible()
    unfold(admin)
    admin.get_by_label("Functie", exact=True).select_option("functie")
    check(person.page)
    press(admin.get_by_role("button", name="Volgende: koppelen"))

    press(admin.get_by_role("button", name="Bekijk wat er gaat gebeuren"))
    expect(admin.locator("#confirm")).to_have_text("Koppelen")
    expect(admin.get_by_text("Voor 8 contactpersonen die al in Spotler staan.")).to_be_visible()
    people = admin.locator("#people")
    press(admin.locator("#count-linked"))
    expect(people).to_be_focused()
    expect(people.get_by_role("heading", name="Gekoppeld")).to_be_visible()
    expect(people.locator(".contacts > li")).to_have_count(
        int(admin.locator("#count-linked strong").inner_text())
    )
    check(person.page)
    press(admin.locator("#confirm"))

    expect(admin.get_by_role("heading", name="En nu")).to_be_visible()
    for each in KNOWN:
        found = person.spotler("GET", f"/contacts/{contact_id(each)}")
        assert found["properties"]["functie"] == contact_fields(each)["job_title"]
    press(admin.get_by_role("button", name="Overzicht").first)
    expect(admin.get_by_role("button", name="Aan de slag")).to_have_count(0)

    # A number leads to people, and a name to the contact in the CRM.
    press(admin.locator("#count-linked"))
    expect(admin.get_by_role("heading", name="Gekoppelde contactpersonen")).to_be_visible()
    check(person.page)
    press(admin.locator(".contacts").get_by_role("button").first)
    expect(person.page).to_have_url(re.compile("/contacts/"))
