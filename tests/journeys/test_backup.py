"""Back-ups in a browser: make one, watch it, download it, upload the same, see both listed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.look import check
from tests.journeys.person import Person, answer, press, tick
from tests.journeys.test_mapping import WORKING

pytestmark = pytest.mark.browser


def test_a_backup_goes_out_and_comes_back(person: Person, tmp_path: Path) -> None:
    person.page.set_viewport_size({"width": 560, "height": 900})
    admin = person.connect()
    press(admin.get_by_role("button", name="Back-ups", exact=True))
    first = admin.get_by_text("Eerste back-up, gemaakt bij het verbinden")
    expect(first.first).to_be_visible(timeout=WORKING)

    # While somebody is asked, nothing takes what was pressed: then yes would do nothing.
    person.spotler("POST", "/faults", {"kind": "delay", "seconds": 3, "path": "/contact/updates/*"})
    press(admin.get_by_role("button", name="Nu een back-up maken"))
    press(admin.locator("#stop-backup"))
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.method))
    person.page.wait_for_timeout(2500)
    assert asked == []
    answer(admin.get_by_role("dialog"), "Stoppen")
    expect(admin.locator(".runs > li", has_text="Back-up door").first).to_contain_text("Gestopt")
    person.spotler("DELETE", "/faults")

    press(admin.get_by_role("button", name="Nu een back-up maken"))
    expect(admin.locator(".notice")).to_contain_text("De back-up is klaar.", timeout=WORKING)
    made = admin.locator(".runs > li", has_text="Back-up door").first
    expect(made).to_contain_text("Klaar")
    check(person.page)

    with person.page.expect_download() as download:
        press(made.get_by_role("button", name="Downloaden als CSV"))
    assert download.value.suggested_filename.startswith("spotler-back-up-")
    file = tmp_path / "back-up.csv"
    download.value.save_as(file)
    assert file.read_text("utf-8-sig").startswith('"E-mailadres";"Voornaam";"Achternaam"')

    admin.get_by_label("Bestand").set_input_files(file)
    press(admin.get_by_role("button", name="Uploaden"))
    expect(admin.locator(".notice")).to_contain_text("Alle kolommen zijn herkend.")
    check(person.page)
    press(admin.get_by_role("button", name="Back-up maken van dit bestand"))
    uploaded = admin.locator(".runs > li", has_text="Bestand back-up.csv van").first
    expect(uploaded).to_contain_text("Klaar", timeout=WORKING)
    count = made.locator(".numbers").inner_text().split("\n")[0]
    expect(uploaded.locator(".numbers")).to_contain_text(count)
    expect(uploaded).not_to_contain_text("geweigerd")
    expect(made).to_contain_text("Gedownload door")

    press(made.get_by_role("button", name="Terugzetten…"))
    expect(admin.get_by_role("heading", name="Terugzetten", level=1)).to_be_focused()
    check(person.page)
    press(admin.get_by_role("button", name="Geen enkel veld"))
    expect(admin.get_by_label("Voornaam", exact=True)).not_to_be_checked()
    tick(admin.get_by_label("Plaats", exact=True))
    press(admin.get_by_role("button", name="Volgende"))
    expect(admin.locator("#decision")).to_be_visible(timeout=WORKING)
    check(person.page)
    press(admin.get_by_role("button", name="Terug", exact=True))
    expect(admin.get_by_label("Plaats", exact=True)).to_be_checked()
    expect(admin.get_by_label("Voornaam", exact=True)).not_to_be_checked()
