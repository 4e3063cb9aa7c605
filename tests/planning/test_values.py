"""A CRM field's value as Spotler takes it: table and property tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.convert import (
    Entry,
    FieldType,
    PropertyType,
    compatible,
    convert,
    same,
)

F, P = FieldType, PropertyType
LANGUAGES = (("nl", "Nederlands"), ("en", "Engels"))
INTERESTS = (Entry(1, "Beurs"), Entry(2, "Café"), Entry(4, "Webinar"))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
# What resembles a real value finds more than what is merely arbitrary.
LIKELY = st.sampled_from(
    ["0001-01-01", "9999-12-31T23:59:59-14:00", "1890-01-01", "2024-02-30", "NaN", "1e999", "m",
     "\ud800", "\x00", "٣", "1234 ab", "+31 (0)6 12345678", 2**64, 1e308, [None], [{"bit": 1}]]
)  # fmt: skip
VALUES = JSON | LIKELY | st.dates().map(str) | st.datetimes().map(datetime.isoformat)


@pytest.mark.parametrize(
    ("value", "field_type", "property_type", "expected"),
    [
        ("  Zoë ", F.TEXT, P.STRING, "Zoë"),
        ("Zoe\u0308", F.TEXT, P.STRING, "Zoë"),
        ("regel 1\r\nregel 2", F.TEXT, P.STRING, "regel 1 regel 2"),
        ("a\x00b\x1bc\ud800", F.TEXT, P.STRING, "abc"),
        ("👩\u200d💻 Sanne 🌷", F.TEXT, P.STRING, "👩\u200d💻 Sanne 🌷"),
        (12, F.INTEGER, P.STRING, "12"),
        (12.5, F.TEXT, P.STRING, "12.5"),
        (True, F.BOOLEAN, P.STRING, "Ja"),
        (False, F.BOOLEAN, P.STRING, "Nee"),
        ("nl", F.CHOICE, P.STRING, "Nederlands"),
        ("fr", F.CHOICE, P.STRING, "fr"),
        (["klant", " zorg ", "", "klant"], F.KEYWORDS, P.STRING, "klant, zorg"),
        ("2024-05-01", F.DATE, P.STRING, "2024-05-01"),
        ("1250.00", F.MONEY, P.STRING, "1250.00"),
        ("M", F.GENDER, P.GENDER, "M"),
        ("v", F.GENDER, P.GENDER, "F"),
        ("Vrouw", F.TEXT, P.GENDER, "F"),
        ("MALE", F.CHOICE, P.GENDER, "M"),
        ("1990-03-02", F.DATE, P.BIRTHDATE, "1990-03-02"),
        ("1990-03-01T23:30:00Z", F.DATETIME, P.DATE, "1990-03-02"),
        ("1990-03-02T00:00:00", F.DATE, P.DATE, "1990-03-02"),
        ("2024-05-01T12:00:00", F.DATETIME, P.DATE_TIME, "2024-05-01T12:00:00+02:00"),
        ("2024-12-01T12:00:00.123Z", F.DATETIME, P.DATE_TIME, "2024-12-01T13:00:00+01:00"),
        ("2024-05-01", F.DATE, P.DATE_TIME, "2024-05-01T00:00:00+02:00"),
        ("1234ab", F.POSTCODE, P.POSTCODE, "1234 AB"),
        (" 1234  AB", F.POSTCODE, P.POSTCODE, "1234 AB"),
        ("NL-1234 AB", F.POSTCODE, P.POSTCODE, "1234 AB"),
        ("nl 1234ab", F.POSTCODE, P.POSTCODE, "1234 AB"),
        ("1234-AB", F.POSTCODE, P.POSTCODE, "1234 AB"),
        ("1234\u2011AB", F.POSTCODE, P.POSTCODE, "1234 AB"),
        ("\ufeff1234\u200b AB", F.POSTCODE, P.POSTCODE, "1234 AB"),
        ("1234 SA", F.POSTCODE, P.POSTCODE, Reason.NOT_A_POSTCODE),
        ("1234 ABC", F.POSTCODE, P.POSTCODE, Reason.NOT_A_POSTCODE),
        ("NL-1234", F.POSTCODE, P.POSTCODE, Reason.NOT_A_POSTCODE),
        ("onbekend", F.POSTCODE, P.POSTCODE, Reason.NOT_A_POSTCODE),
        ("Kerkstraat 1, Utrecht", F.POSTCODE, P.POSTCODE, Reason.NOT_A_POSTCODE),
        ("1000", F.POSTCODE, P.POSTCODE, Reason.FOREIGN_POSTCODE),
        ("D02 AF30", F.POSTCODE, P.POSTCODE, Reason.FOREIGN_POSTCODE),
        ("110-0016", F.POSTCODE, P.POSTCODE, Reason.FOREIGN_POSTCODE),
        ("SW1A 2AA", F.POSTCODE, P.POSTCODE, Reason.FOREIGN_POSTCODE),
        ("B-2000", F.POSTCODE, P.POSTCODE, Reason.FOREIGN_POSTCODE),
        ("0123 AB", F.POSTCODE, P.POSTCODE, Reason.NOT_A_POSTCODE),
        ("123 AB", F.POSTCODE, P.POSTCODE, Reason.NOT_A_POSTCODE),
        ("12345 AB", F.POSTCODE, P.POSTCODE, Reason.NOT_A_POSTCODE),
        ("1234 A8", F.POSTCODE, P.POSTCODE, Reason.NOT_A_POSTCODE),
        ("SW1A 2AA", F.POSTCODE, P.STRING, "SW1A 2AA"),
        (7, F.INTEGER, P.INT, 7),
        ("7", F.TEXT, P.INT, 7),
        (7.0, F.INTEGER, P.INT, 7),
        (True, F.BOOLEAN, P.INT, 1),
        (7.5, F.INTEGER, P.INT, Reason.NOT_A_NUMBER),
        ("zeven", F.TEXT, P.INT, Reason.NOT_A_NUMBER),
        ("٣", F.TEXT, P.INT, Reason.NOT_A_NUMBER),
        (2**64, F.INTEGER, P.INT, Reason.NOT_A_NUMBER),
        ("0612 34 56 78", F.PHONE, P.MOB_NR, "+31612345678"),
        ("(0)6 12345678", F.PHONE, P.MOB_NR, "+31612345678"),
        ("0031 6 12345678", F.PHONE, P.MOB_NR, "+31612345678"),
        ("06/12345678", F.PHONE, P.MOB_NR, "+31612345678"),
        ("06\u201112345678", F.PHONE, P.MOB_NR, "+31612345678"),
        ("06 – 12 34 56 78", F.PHONE, P.MOB_NR, "+31612345678"),
        ("\u202d+31612345678\u202c", F.PHONE, P.MOB_NR, "+31612345678"),
        ("+32 470 12 34 56", F.PHONE, P.MOB_NR, "+32470123456"),
        ("06\u00a012\u202f34\u200956 78", F.PHONE, P.MOB_NR, "+31612345678"),
        ("(+31) 6 12345678", F.PHONE, P.MOB_NR, "+31612345678"),
        ("+32 470/12.34.56", F.PHONE, P.MOB_NR, "+32470123456"),
        ("+32 (0)470/12 34 56", F.PHONE, P.MOB_NR, "+32470123456"),
        ("0049 171/1234567", F.PHONE, P.MOB_NR, "+491711234567"),
        ("+31612345678/79", F.PHONE, P.MOB_NR, Reason.NOT_A_MOBILE),
        ("+31 6 12345678/79", F.PHONE, P.MOB_NR, Reason.NOT_A_MOBILE),
        ("020-1234567/68", F.PHONE, P.MOB_NR, Reason.NOT_A_MOBILE),
        ("06-1234567/8", F.PHONE, P.MOB_NR, Reason.NOT_A_MOBILE),
        ("020-1234567", F.PHONE, P.MOB_NR, Reason.NOT_A_MOBILE),
        ("00000000", F.PHONE, P.MOB_NR, Reason.NOT_A_MOBILE),
        ("0612345678 of 0687654321", F.PHONE, P.MOB_NR, Reason.NOT_A_MOBILE),
        ("0612345678 tst. 12", F.PHONE, P.MOB_NR, Reason.NOT_A_MOBILE),
        ("0612345678;ext=12", F.PHONE, P.MOB_NR, Reason.NOT_A_MOBILE),
        ("061234567", F.PHONE, P.MOB_NR, Reason.NOT_A_MOBILE),
        ("+31 (0)6-12345678", F.PHONE, P.MOB_NR, "+31612345678"),
        ("06-12345678 (werk)", F.PHONE, P.MOB_NR, Reason.NOT_A_MOBILE),
        ("06-12345678 (werk)", F.PHONE, P.STRING, "06-12345678 (werk)"),
        ("1250.00", F.MONEY, P.MONEY, "1250.00"),
        (1250, F.INTEGER, P.MONEY, "1250"),
        ("veel", F.MONEY, P.MONEY, Reason.NOT_A_NUMBER),
        ("a@example.nl", F.EMAIL, P.EMAIL, "a@example.nl"),
        ("\ufeffzoe@example.nl\u200b", F.EMAIL, P.EMAIL, "zoe@example.nl"),
        ("zo\u00ade@example.nl", F.EMAIL, P.EMAIL, "zoe@example.nl"),
        ("\u202azoe@example.nl\u202c", F.EMAIL, P.EMAIL, "zoe@example.nl"),
        ("Zoe@KÄSE.example.de", F.EMAIL, P.EMAIL, "Zoe@xn--kse-qla.example.de"),
        ("geen adres", F.EMAIL, P.EMAIL, Reason.NOT_AN_ADDRESS),
        ("mailto:zoe@example.nl", F.EMAIL, P.EMAIL, Reason.NOT_AN_ADDRESS),
        ("<zoe@example.nl>", F.EMAIL, P.EMAIL, Reason.NOT_AN_ADDRESS),
        ("Zoë <zoe@example.nl>", F.EMAIL, P.EMAIL, Reason.NOT_AN_ADDRESS),
        ("zoe@example..nl", F.EMAIL, P.EMAIL, Reason.NOT_AN_ADDRESS),
        ("zoe@example.nl; noor@example.nl", F.EMAIL, P.EMAIL, Reason.NOT_AN_ADDRESS),
        ("zoe@example.nl,noor@example.nl", F.EMAIL, P.EMAIL, Reason.NOT_AN_ADDRESS),
        ("zoe @example.nl", F.EMAIL, P.EMAIL, Reason.NOT_AN_ADDRESS),
        (f"{'z' * 432}@example.nl", F.EMAIL, P.EMAIL, Reason.NOT_AN_ADDRESS),
        ("Q7", F.GENDER, P.GENDER, Reason.NOT_A_GENDER),
        ("Mevrouw", F.CHOICE, P.GENDER, "F"),
        ("2024-02-30", F.DATE, P.DATE, Reason.NOT_A_DATE),
        ("0001-01-01", F.DATE, P.DATE, Reason.NOT_A_DATE),
        ({"a": 1}, F.TEXT, P.STRING, Reason.UNREADABLE),
        ([1], F.KEYWORDS, P.STRING, Reason.UNREADABLE),
        ("a", F.TEXT, P.SET, Reason.UNFIT),
        ("Beurs", F.KEYWORDS, P.SET, Reason.UNREADABLE),
        ([1], F.KEYWORDS, P.SET, Reason.UNREADABLE),
        ([" BEURS "], F.KEYWORDS, P.SET, {1: True, 2: False, 4: False}),
        (["cafe\u0301", "beurs", "Beurs"], F.KEYWORDS, P.SET, {1: True, 2: True, 4: False}),
        ("a", F.TEXT, P.UNKNOWN, Reason.UNFIT),
        ("a", F.UNKNOWN, P.INT, Reason.UNFIT),
    ],
)
def test_a_value_becomes_what_spotler_takes_or_a_reason(
    value: object, field_type: FieldType, property_type: PropertyType, expected: object
) -> None:
    converted = convert(value, field_type, property_type, choices=LANGUAGES, entries=INTERESTS)
    if isinstance(expected, Reason):
        assert converted.value is None and converted.reason is expected
    else:
        assert converted.reason is None
        assert converted.value == expected and type(converted.value) is type(expected)


@pytest.mark.parametrize("empty", [None, "", "  ", "\n\t", "\x00", "\u200b", [], ["", " "]])
def test_empty_is_empty_for_every_pair(empty: object) -> None:
    for field_type in FieldType:
        for property_type in PropertyType:
            if compatible(field_type, property_type) and (
                empty != ["", " "] or field_type is FieldType.KEYWORDS
            ):
                assert convert(empty, field_type, property_type).value is None
                assert convert(empty, field_type, property_type).reason is None


def test_a_field_of_unknown_type_feeds_texts_only() -> None:
    assert FieldType("hologram") is FieldType.UNKNOWN
    fed = [each for each in PropertyType if compatible(FieldType.UNKNOWN, each)]
    assert fed == [PropertyType.STRING]
    assert convert({"depth": 3}, FieldType.UNKNOWN, PropertyType.STRING).reason is Reason.UNREADABLE


def test_only_keywords_feed_a_set_and_nothing_a_property_of_unknown_type() -> None:
    assert PropertyType("hologram") is PropertyType.UNKNOWN
    assert not any(compatible(each, PropertyType.UNKNOWN) for each in FieldType)
    fed = [each for each in FieldType if compatible(each, PropertyType.SET)]
    assert fed == [FieldType.KEYWORDS]


GENDERS = (("1", "Man"), ("2", "Vrouw"), ("3", "Onbekend"), ("m", "Mevrouw"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", "M"), ("2", "F"), ("m", "F"), ("3", None), ("X", None), ("onbekend", None)],
)
def test_a_gender_is_what_people_see_and_neither_of_the_two_is_none(
    value: str, expected: str | None
) -> None:
    """Who was V in the CRM and is X now stayed F in Spotler, with the advice to change the CRM."""
    converted = convert(value, F.CHOICE, P.GENDER, choices=GENDERS)
    assert (converted.value, converted.reason) == (expected, None)


@pytest.mark.parametrize(
    ("label", "expected"),
    [("Mannelijk", "M"), ("Vrouwelijk", "F"), ("Mw", "F"), ("Woman", "F"), ("Mrs", "F"),
     ("Männlich", "M"), ("Weiblich", "F"), ("Herr", "M"), ("Frau", "F"), ("V\u200brouw", "F"),
     ("Keine Angabe", None), ("N.v.t.", None), ("Prefer not to say", None)],
)  # fmt: skip
def test_a_gender_is_read_in_dutch_english_and_german(label: str, expected: str | None) -> None:
    converted = convert("7", F.CHOICE, P.GENDER, choices=[("7", label)])
    assert (converted.value, converted.reason) == (expected, None)


def test_a_title_is_no_gender() -> None:
    """A Dutch "mr." is a lawyer."""
    assert convert("mr.", F.TEXT, P.GENDER).reason is Reason.NOT_A_GENDER


def test_a_choice_is_found_whatever_nobody_sees_in_it() -> None:
    """Of a contact's value that is left out, of the list of choices it was not."""
    converted = convert("nl", F.CHOICE, P.STRING, choices=[("n\u00adl", "Nederlands\ufeff")])
    assert converted.value == "Nederlands"


def test_a_number_without_a_code_is_of_the_environments_country() -> None:
    assert convert("0470/12 34 56", F.PHONE, P.MOB_NR, region="BE").value == "+32470123456"
    assert convert("0470/12 34 56", F.PHONE, P.MOB_NR).reason is Reason.NOT_A_MOBILE


@given(VALUES, st.sampled_from(FieldType), st.sampled_from(PropertyType))
def test_any_input_gives_a_value_or_a_refusal(
    value: Any, field_type: FieldType, property_type: PropertyType
) -> None:
    converted = convert(value, field_type, property_type, choices=LANGUAGES, entries=INTERESTS)
    assert converted.value is None or converted.reason is None or converted.missing
    assert converted.value != ""
    if isinstance(converted.value, str):
        converted.value.encode()
    assert same(converted.value, converted.value, property_type)
    again = convert(converted.value, field_type, property_type, choices=LANGUAGES)
    kinds = field_type, property_type
    if converted.value is not None and F.BOOLEAN not in kinds and P.SET not in kinds:
        assert same(again.value, converted.value, property_type), "a second time changes nothing"


@pytest.mark.parametrize(
    ("a", "b", "property_type"),
    [
        (None, "", P.STRING),
        ("", "  ", P.EMAIL),
        ([], None, P.STRING),
        ("Jan@Example.NL", "jan@example.nl", P.EMAIL),
        ("M", "MALE", P.GENDER),
        ("1990-03-02", "1990-03-02T00:00:00+01:00", P.BIRTHDATE),
        ("2024-05-01T12:00:00+02:00", "2024-05-01T10:00:00Z", P.DATE_TIME),
        ("2024-05-01T12:00:00+02:00", 1714557600000, P.DATE_TIME),
        ("2024-05-01T12:00:00+02:00", 1714557600, P.DATE_TIME),
        (7, "7", P.INT),
        (7, 7.0, P.INT),
        ("1250.00", 1250, P.MONEY),
        ("1250,50", "1250.5", P.MONEY),
        ("0612345678", "+31 6 12345678", P.MOB_NR),
        ("\ufeffzoe@example.nl", "Zoe@example.nl", P.EMAIL),
        ("zoe@käse.de", "zoe@xn--kse-qla.de", P.EMAIL),
        ("1234 AB", "1234ab", P.POSTCODE),
        (12, "12", P.STRING),
        ("Zoë", "Zoe\u0308", P.STRING),
        ([{"bit": 1, "enabled": True}, {"bit": 2, "enabled": False}],
         [{"bit": 1, "enabled": True, "description": "a"}], P.SET),
        (None, [{"bit": 2, "enabled": False}], P.SET),
        ({1: True, 2: False}, {"1": True}, P.SET),
        ([{"bit": 1, "enabled": True}], {"1": True, "4": False}, P.SET),
    ],
)  # fmt: skip
def test_the_same_said_otherwise(a: object, b: object, property_type: PropertyType) -> None:
    assert same(a, b, property_type)
    assert same(b, a, property_type)


@pytest.mark.parametrize(
    ("a", "b", "property_type"),
    [
        ("jan", "Jan", P.STRING),
        ("a", None, P.STRING),
        ("0", None, P.INT),
        ("M", "F", P.GENDER),
        ("M", "X", P.GENDER),
        ("1990-03-02", "1990-03-03", P.BIRTHDATE),
        ("1234 AB", "1234 AC", P.POSTCODE),
        ("geen datum", "1990-03-02", P.DATE),
        ([{"bit": 1, "enabled": True}], [], P.SET),
        ({1: True}, {"2": True}, P.SET),
        ({"1": True}, None, P.SET),
    ],
)
def test_not_the_same(a: object, b: object, property_type: PropertyType) -> None:
    assert not same(a, b, property_type)
    assert not same(b, a, property_type)


@given(VALUES, VALUES, st.sampled_from(PropertyType))
def test_sameness_never_fails_and_has_no_order(a: Any, b: Any, property_type: PropertyType) -> None:
    assert same(a, a, property_type)
    assert same(a, b, property_type) is same(b, a, property_type)
