"""A backup's CSV holds every value so that it comes back as it was, whatever it is."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from spotler_plugin.planning.backup import cells
from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.planning.backup.damage import damage, damage_of_id, shadow
from spotler_plugin.planning.backup.fault import Fault, Refused
from spotler_plugin.planning.backup.layout import Column, Layout, usual_form
from spotler_plugin.planning.backup.reading import RowReader
from spotler_plugin.planning.backup.sheet import normal, row, sheet
from spotler_plugin.planning.values.types import PropertyType

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
ODD = st.text(st.sampled_from("=+-@'\";,|\t\r\n 0123456789Ee\u3000＝jan/.#"), max_size=14)
VALUES: dict[PropertyType, st.SearchStrategy[Any]] = {
    PropertyType.BIRTHDATE: st.dates().map(date.isoformat),
    PropertyType.DATE: st.dates().map(date.isoformat),
    PropertyType.DATE_TIME: st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    PropertyType.EMAIL: st.emails(),
    PropertyType.GENDER: st.sampled_from("MF"),
    PropertyType.INT: st.integers(-(2**63), 2**63),
    PropertyType.MOB_NR: st.from_regex(r"\+31 ?6[0-9]{8}|06[0-9]{8}", fullmatch=True),
    PropertyType.MONEY: st.decimals(places=2, min_value=-(10**9), max_value=10**9).map(str)
    | st.floats(allow_nan=False, allow_infinity=False),
    PropertyType.POSTCODE: st.from_regex(r"[1-9][0-9]{3} ?[A-Z]{2}", fullmatch=True),
    PropertyType.SET: st.dictionaries(st.sampled_from([1, 2, 4, 2**40]), st.booleans(), min_size=1),
    PropertyType.STRING: TEXTS | ODD,
    PropertyType.UNKNOWN: TEXTS | st.integers() | st.booleans() | st.none() | st.lists(TEXTS),
}
COLUMNS = tuple(
    Column(each.value, each.name.title(), each, usual_form(each)) for each in PropertyType
)
CONTACTS = st.builds(
    BackedUp,
    external_id=st.none() | TEXTS.filter(bool) | ODD.filter(str.strip).filter(bool),
    encrypted_id=TEXTS.filter(bool),
    properties=st.fixed_dictionaries(
        {"email": VALUES[PropertyType.EMAIL]},
        optional={each.value: of for each, of in VALUES.items() if each is not PropertyType.EMAIL},
    ),
    permissions=st.dictionaries(st.sampled_from([1, 2, 8]), st.booleans()),
    active=st.none() | st.booleans(),
    channels=st.dictionaries(st.sampled_from(["EMAIL", "SMS"]), st.booleans()),
    created=st.none() | st.datetimes(timezones=st.just(UTC)),
    last_changed=st.none() | st.datetimes(timezones=st.just(UTC)),
    test_group=st.none() | st.booleans(),
    temporary=st.none() | st.booleans(),
)
Saved = Callable[[str], str]


def as_it_is(cell: str) -> str:
    return cell


def with_formulas_worked_out(cell: str) -> str:
    """What a spreadsheet saves that carries formulas out."""
    formula = re.fullmatch('="((?:[^"]|"")*)"', cell)
    return formula[1].replace('""', '"') if formula else cell


def through_csv(rows: list[list[str]]) -> list[list[str]]:
    file = StringIO(newline="")
    csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)
    file.seek(0)
    return list(csv.reader(file, delimiter=";"))


@pytest.mark.parametrize("saved", [as_it_is, with_formulas_worked_out])
@settings(max_examples=60, deadline=None)
@given(contact=CONTACTS)
def test_each_value_of_each_type_comes_back_as_it_was(saved: Saved, contact: BackedUp) -> None:
    if saved is with_formulas_worked_out:
        # What reads as if a spreadsheet changed it is refused then.
        assume(not any(damage(each) for each in contact.properties.values() if type(each) is str))
    layout = Layout(COLUMNS).widened([contact])
    columns = sheet(layout)
    [read_row] = through_csv([[saved(cell) for cell in row(columns, contact)]])
    reader = RowReader([each.key for each in columns], layout)
    found = reader.read(read_row)
    assert found is not None
    if saved is as_it_is:
        assert found.contact == contact
        values = found.contact.properties
        assert all(type(value) is type(values[name]) for name, value in contact.properties.items())
    else:
        # An empty text cannot be told from none, nor what surrounds an id.
        assert found.contact.permissions == contact.permissions
        known = {name: value for name, value in contact.properties.items() if value != ""}
        assert found.contact.properties == known


@given(text=TEXTS | ODD)
def test_no_cell_is_carried_out(text: str) -> None:
    cell = cells.written(text)
    if not cell.startswith('="'):
        assert re.search(
            r"(?:^|[,;|\t\r\n])[\"\s\0]*[=+\-@＝＋－＠]", cell
        ) is None or re.fullmatch("-[1-9][0-9]*", cell)
    assert cells.read(cell, ours=True).text == text


@pytest.mark.parametrize(
    "text",
    ["00012345", "+31612345678", "0612345678", "1E5", "1-2", "12345678901234567890", "=1+1",
     "mei 2024", "1,5", "10:30", "TRUE", "waar", "#N/A", "2024-05-01", "123456789012"],
)  # fmt: skip
def test_what_a_spreadsheet_would_change_is_kept_from_it(text: str) -> None:
    assert cells.written(text) == f'="{text}"'


@pytest.mark.parametrize("text", ["Zoë", "12", "0", "-7", "'s-Gravenhage", "meijer", "Mei"])
def test_the_rest_stands_there_as_it_is(text: str) -> None:
    assert cells.written(text) == text


def test_the_manuals_columns_come_first_and_all_have_a_heading_of_their_own() -> None:
    twice = (Column("a", "Notitie"), Column("b", "notitie"), Column("c", "Spotler-id"))
    layout = Layout((*twice, Column("firstName", "Roepnaam")), {1: "Nieuws", 2: "Nieuws"})
    headings = [each.heading for each in sheet(layout)]
    assert headings[:7] == ["E-mailadres", "Voornaam", "Achternaam", "Functie", "Bedrijfsnaam",
                            "E-mail status", "External id"]  # fmt: skip
    assert headings[7:12] == ["Notitie", "notitie (b)", "Spotler-id", "Permissie: Nieuws",
                              "Permissie: Nieuws (2)"]  # fmt: skip
    assert len({normal(each) for each in headings}) == len(headings)


def refused(keys: list[str], cells: list[str]) -> tuple[Fault, int | None]:
    layout = Layout((*COLUMNS, Column("phone", "Telefoon"), Column("email", "Mail",
                                                                  PropertyType.EMAIL)))  # fmt: skip
    with pytest.raises(Refused) as caught:
        RowReader(keys, layout).read(cells)
    return caught.value.fault, caught.value.column


@pytest.mark.parametrize(
    ("key", "cell", "fault"),
    [
        ("property:string", "1,23457E+19", Fault.EXPONENT),
        ("property:string", "1-feb", Fault.DAY),
        ("property:string", "jan-24", Fault.DAY),
        ("property:string", "#NAAM?", Fault.ERROR),
        ("property:string", "'0612345678", Fault.APOSTROPHE),
        ("property:phone", "612345678", Fault.ZEROS),
        ("property:mobNr", "612345678", Fault.ZEROS),
        ("property:date", "1-feb", Fault.DAY),
        ("property:date", "1/2/2024", Fault.NOT_A_DATE),
        ("property:date", "45323", Fault.NOT_A_DATE),
        ("property:dateTime", "1-2-2024 10:00", Fault.NOT_A_DATE),
        ("property:email", "geen adres", Fault.NO_ADDRESS),
        ("property:int", "veel", Fault.NOT_A_NUMBER),
        ("property:int", "1E+05", Fault.EXPONENT),
        ("permission:1", "misschien", Fault.NOT_A_SWITCH),
        ("json:unknown", "{", Fault.NOT_JSON),
        ("external_id", "x" * 121, Fault.TOO_LONG),
    ],
)
def test_a_value_that_was_changed_or_does_not_fit_is_refused(
    key: str, cell: str, fault: Fault
) -> None:
    assert refused([key, "encrypted_id"], [cell, "x"]) == (fault, 0)


@pytest.mark.parametrize("cell", ["NaN", "Infinity", "1e999", "9" * 5000, "[" * 50_000, "true"])
def test_what_no_database_keeps_is_no_number(cell: str) -> None:
    """One such row ended the reading of the whole file on PostgreSQL."""
    reader = RowReader(["property:int", "external_id", "version"], Layout(COLUMNS))
    with pytest.raises(Refused) as caught:
        reader.read([f'="{cell}"', "x", "1"])
    assert caught.value.fault is Fault.NOT_A_NUMBER


@pytest.mark.parametrize("cell", ["NaN", "[1e999]", '{"a": -Infinity}', "[" * 50_000, "{"])
def test_what_no_database_keeps_is_no_json(cell: str) -> None:
    reader = RowReader(["json:unknown", "external_id"], Layout(COLUMNS))
    with pytest.raises(Refused) as caught:
        reader.read([cell, "x"])
    assert caught.value.fault is Fault.NOT_JSON


def test_a_file_has_nothing_that_no_database_keeps() -> None:
    reader = RowReader(["json:unknown", "property:string", "external_id"], Layout(COLUMNS))
    odd = {"9" * 5000: True, "half": "\ud83d"}
    found = reader.read([json.dumps(odd), "a\x00b", "x"])
    assert found is not None
    kept = BackedUp.from_json(json.loads(json.dumps(found.contact.to_json())))
    assert kept == found.contact
    assert kept.properties["string"] == "a\ufffdb"
    assert kept.properties["unknown"] == {"9" * 5000: True, "half": "\ufffd"}


def test_what_nobody_sees_is_left_out_of_a_file_of_others_only() -> None:
    """The id was not found, and the address written with it."""
    cells_ = ["\u200b00012345\ufeff", "zo\u00ade@example.nl", "1"]
    names = ["external_id", "property:email"]
    found = RowReader(names, Layout(COLUMNS)).read(cells_[:2])
    assert found is not None
    assert (found.contact.external_id, found.contact.properties) == (
        "00012345",
        {"email": "zoe@example.nl"},
    )
    ours = RowReader([*names, "version"], Layout(COLUMNS)).read(cells_)
    assert ours is not None and ours.contact.external_id == cells_[0], "to the letter"
    assert normal("\ufeffE-mail\u00adadres\u00a0 ") == normal("E-mailadres")


def test_a_row_of_nobody_or_that_is_cut_is_refused() -> None:
    assert refused(["property:string", "external_id"], ["x", ""]) == (Fault.NOBODY, None)
    assert refused(["property:string", "external_id"], ["x"]) == (Fault.SHORT, None)
    assert refused(["external_id"], ["x", "y"]) == (Fault.SHORT, None)
    assert RowReader(["external_id", ""], Layout()).read(["", ""]) is None


@pytest.mark.parametrize(
    ("cell", "day"),
    [("1-2-2024", "2024-02-01"), ("01.02.2024", "2024-02-01"), ("1 maart 2024", "2024-03-01"),
     ("31-mei-1970", "1970-05-31"), ("2024-02-01", "2024-02-01")],
)  # fmt: skip
def test_dutch_days_are_understood(cell: str, day: str) -> None:
    found = RowReader(["property:date", "external_id"], Layout(COLUMNS)).read([cell, "x"])
    assert found is not None and found.contact.properties == {"date": day}


def test_an_id_is_never_taken_for_another_contacts() -> None:
    known = {"00012345", "1E5", "777", "100"}
    shadows = {shadow(each) for each in known} - {None}
    assert shadows == {"12345", "100000"}
    named = {str(each) for each in shadows}
    assert damage_of_id("12345", known, named) is Fault.ZEROS
    assert damage_of_id("100000", known, named) is Fault.ZEROS
    assert damage_of_id("1,00E+05", known, named) is Fault.EXPONENT
    assert damage_of_id("12345678901234500000", known, named) is Fault.EXPONENT
    assert damage_of_id("1-feb", known, named) is Fault.DAY
    assert damage_of_id("'00012345", known, named) is Fault.APOSTROPHE
    for id_ in (*known, "6CFA9F2C-5136-4", "new"):
        assert damage_of_id(id_, known, named) is None
    assert damage("Zoë") is None
