"""What nobody sees in a text is not in it; what is meant stays."""

from __future__ import annotations

import unicodedata

import phonenumbers
import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.cleaning import clean, clean_json, shown, shown_in_one
from spotler_plugin.planning.values import phone
from spotler_plugin.planning.values.address import (
    LONGEST,
    PLAIN,
    address,
    address_key,
    is_plain,
    searched_part,
)
from spotler_plugin.planning.values.equality import same
from spotler_plugin.planning.values.parse import text
from spotler_plugin.planning.values.phone import mobile
from spotler_plugin.planning.values.postcode import dutch, is_foreign
from spotler_plugin.planning.values.told import MOST, told, told_address
from spotler_plugin.planning.values.types import PropertyType

UNSEEN = "\u00ad\u061c\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2069\ufeff"
ODD = st.text(
    st.sampled_from([*UNSEEN, "\u200c", "\u200d", "👩", "💻", "e", "\u0301", "\u212b", "\u094d",
                     "क", " ", "\u00a0", "\t", "\x00", "\ud83d", "@", ".", "n", "6", "0", "+", "-"])
)  # fmt: skip
TEXTS = ODD | st.text(st.characters())


@pytest.mark.parametrize("unseen", UNSEEN)
def test_what_nobody_sees_is_dropped_around_and_inside(unseen: str) -> None:
    assert clean(f"{unseen}Zoë{unseen}van{unseen}") == "Zoëvan"
    assert clean_json({unseen: [f"a{unseen}", 1, None]}) == {unseen: ["a", 1, None]}
    assert address(f"{unseen}zoe{unseen}@example.nl{unseen}") == "zoe@example.nl"
    assert address_key(f"{unseen}Zoe@example.nl") == "zoe@example.nl"
    assert mobile(f"{unseen}06{unseen}12345678") == "+31612345678"
    assert dutch(f"1234{unseen}AB") == "1234 AB"


@pytest.mark.parametrize("meant", ["👩\u200d💻", "می\u200cخواهم", "क\u094d\u200dष", "Zoë", "a\nb"])
def test_what_is_meant_stays(meant: str) -> None:
    assert clean(meant) == meant


@pytest.mark.parametrize(
    ("given", "kept"), [("a\u200db", "ab"), ("\u200cab\u200d", "ab"), ("👩\u200d", "👩")]
)
def test_a_joiner_that_joins_nothing_is_dropped(given: str, kept: str) -> None:
    assert clean(given) == kept


def test_a_refusal_shows_what_is_hard_to_see() -> None:
    assert told_address("jan @example.nl") == "jan␣@example.nl"
    assert shown_in_one("jan\u00a0\u200b@example.nl") == "jan␣␣@example.nl"
    assert shown("06 12\u00a034\x00") == "06 12␣34␣"
    assert told(["a", 1, True]) == "a, 1, Ja"
    assert len(told("x" * 10_000)) == MOST


@given(TEXTS)
def test_a_second_time_changes_nothing(given: str) -> None:
    """A value goes through cleaning and conversion, to Spotler and back, and is the same."""
    assert clean(clean(given)) == clean(given)
    assert text(text(given)) == text(given) == text(clean(given))
    assert not set(text(given)) & set(UNSEEN)
    for convert in (address, mobile, dutch):
        once = convert(given)
        assert once is None or convert(once) == once
    key = address_key(given)
    assert address_key(key) == key and len(key) <= LONGEST
    assert is_foreign(given) in (True, False) and len(told(given)) <= MOST
    shown_in_one(told_address(given)).encode("utf-8", "surrogatepass")


@given(st.emails(), st.text(st.sampled_from(UNSEEN), max_size=3))
def test_an_address_is_one_however_it_is_written(mail: str, around: str) -> None:
    found = address(mail)
    if found is not None:
        assert address(f"{around}{mail}{around} ") == found
        assert address_key(mail.upper()) == address_key(found) == address_key(mail)
        assert unicodedata.normalize("NFC", found) == found


@pytest.mark.parametrize("domain", ["käse.de", "KÄSE.DE", "xn--kse-qla.de", "ka\u0308se.de"])
def test_a_domain_is_one_in_either_alphabet(domain: str) -> None:
    assert address(f"zoe@{domain}") == "zoe@xn--kse-qla.de"
    assert address_key(f"Zoe@{domain}") == "zoe@xn--kse-qla.de"


@given(st.from_regex(PLAIN, fullmatch=True) | st.emails())
def test_a_plain_address_is_one_as_it_is(mail: str) -> None:
    if is_plain(mail):
        found = validate_email(mail, check_deliverability=False)
        assert found.normalized == found.ascii_email == mail


@given(st.from_regex(phone.PLAIN, fullmatch=True))
def test_a_plain_mobile_number_is_what_the_numbering_plan_says(given: str) -> None:
    found = phonenumbers.parse(given, "NL")
    assert phonenumbers.is_valid_number_for_region(found, "NL")
    assert phonenumbers.number_type(found) is phonenumbers.PhoneNumberType.MOBILE
    assert mobile(given) == phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


REGIONS = [
    "NL", "BE", "DE", "FR", "GB", "IE", "LU", "AT", "CH", "IT", "ES", "PT", "DK", "SE", "NO", "FI",
    "PL", "CZ", "SK", "HU", "RO", "BG", "GR", "HR", "US", "CA", "AU", "NZ", "BR", "ZA", "TR", "MA",
    "SR", "CW", "AW",
]  # fmt: skip
BETWEEN = st.sampled_from(
    [" ", "-", ".", "\u00a0", "\u202f", "\u2011", " \u2013 ", "  ", "\u200b "]
)


@given(st.sampled_from(REGIONS), BETWEEN, st.text(st.sampled_from(UNSEEN), max_size=2))
def test_a_mobile_number_has_one_form_however_it_is_written(
    region: str, between: str, around: str
) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    sent = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    there = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    here = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
    code, _, rest = there.partition(" ")
    for written in (there, f"({code}) {rest}"):
        spaced = around + written.replace(" ", between) + around
        assert mobile(spaced) == sent == mobile(spaced, region), "what has a code needs no region"
    assert mobile(f"00{there[1:]}") == sent == mobile(here, region)
    # What Spotler gives back, however it writes it, is no change.
    assert same(sent, there, PropertyType.MOB_NR)
    assert same(sent, f"00{sent[1:]}", PropertyType.MOB_NR)
    if mobile(here) is None:  # Else it is a Dutch one too.
        assert same(sent, here, PropertyType.MOB_NR) and same(here, sent, PropertyType.MOB_NR)


def test_a_number_without_a_code_is_of_its_own_country() -> None:
    assert mobile("06-12345678", "BE") is None and mobile("+31 6 12345678", "BE") == "+31612345678"


def test_an_address_that_grows_in_small_letters_is_measured_so() -> None:
    """Of 222 capital İ, each becomes two: the database refused 444 characters."""
    assert address(f"{'İ' * 222}@example.nl") is None
    assert address(f"{'z' * 432}@example.nl") is None
    assert address_key("z" * 444) == ""


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("Zoe@KÄSE.de", "zoe@xn--kse-qla.de"),
        ("käse.de", "xn--kse-qla.de"),
        ("@Käse.de", "@xn--kse-qla.de"),
        ("zoe@ex", "zoe@ex"),
        ("Zoë", "zoë"),
        ("@", "@"),
        ("İ" * 200, "i\u0307" * 200),
    ],
)
def test_a_part_of_an_address_is_looked_for_as_it_is_kept(typed: str, part: str) -> None:
    assert searched_part(typed) == part
