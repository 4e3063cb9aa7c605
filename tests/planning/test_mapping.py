"""The base mapping, and a contact sent through a mapping."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotler_plugin.planning.mapping import (
    Field,
    Property,
    Row,
    base_mapping,
    desired,
    mappable,
    row,
)
from spotler_plugin.planning.reason import Reason, Refusal
from spotler_plugin.planning.values.convert import FieldType, PropertyType

F, P = FieldType, PropertyType


def crm(*names: tuple[str, str, FieldType], entity: str = "contact") -> list[Field]:
    return [Field(entity, name, label, type) for name, label, type in names]


def account(*names: tuple[str, str, PropertyType]) -> list[Property]:
    return [Property(name, description, type) for name, description, type in names]


YOOBI = crm(
    ("first_name", "Voornaam", F.TEXT),
    ("initials", "Voorletter(s)", F.TEXT),
    ("infix", "Tussenvoegsels", F.TEXT),
    ("last_name", "Achternaam", F.TEXT),
    ("email", "E-mail", F.EMAIL),
    ("phone", "Tel.", F.PHONE),
    ("mobile", "Mobiel", F.PHONE),
    ("is_primary", "Primair bij relatie", F.BOOLEAN),
    ("title", "Titel", F.TEXT),
    ("birth_date", "Geboortedatum", F.DATE),
)
PLAIN = account(
    ("externalId", "Extern id", P.STRING),
    ("testGroup", "Testgroep", P.STRING),
    ("email", "E-mailadres", P.EMAIL),
    ("firstName", "Voornaam", P.STRING),
    ("initials", "Voorletters", P.STRING),
    ("infix", "Tussenvoegsel", P.STRING),
    ("lastName", "Achternaam", P.STRING),
    ("phoneNumber", "Telefoon nr.", P.STRING),
    ("mobile", "Mobiel nr.", P.MOB_NR),
    ("birthday", "Geboortedatum", P.BIRTHDATE),
    ("permissions", "Permissies", P.SET),
)


def pairs(rows: list[Row]) -> dict[str, str]:
    return {row.field: row.property for row in rows}


def test_the_base_mapping_is_the_manuals() -> None:
    assert pairs(base_mapping(YOOBI, PLAIN)) == {
        "first_name": "firstName",
        "initials": "initials",
        "infix": "infix",
        "last_name": "lastName",
        "phone": "phoneNumber",
        "mobile": "mobile",
    }


def test_properties_are_known_by_their_description_where_the_name_says_nothing() -> None:
    properties = account(
        ("profileField1", "Vóórnaam", P.STRING),
        ("profileField2", "Mobile phone", P.STRING),
        ("freeField1", "Achternaam", P.INT),
    )
    assert pairs(base_mapping(YOOBI, properties)) == {
        "first_name": "profileField1",
        "mobile": "profileField2",
    }


def test_the_name_counts_before_the_description() -> None:
    properties = account(
        ("freeField1", "Voornaam", P.STRING), ("firstName", "Voornaam 1", P.STRING)
    )
    assert pairs(base_mapping(YOOBI, properties)) == {"first_name": "firstName"}


def test_an_english_crm_and_a_dutch_account() -> None:
    fields = crm(("fn", "First name", F.TEXT), ("ln", "Surname", F.TEXT), ("t", "Phone", F.PHONE))
    properties = account(
        ("voornaam", "", P.STRING), ("achternaam", "", P.STRING), ("telefoonnummer", "", P.STRING)
    )
    assert pairs(base_mapping(fields, properties)) == {
        "fn": "voornaam",
        "ln": "achternaam",
        "t": "telefoonnummer",
    }


def test_relations_have_no_part_in_the_base_mapping() -> None:
    fields = crm(("phone", "Telefoon", F.PHONE), entity="relation")
    assert base_mapping(fields, PLAIN) == []


@pytest.mark.parametrize("name", ["permissions", "externalId", "testGroup", "email"])
def test_what_is_spotlers_own_cannot_be_mapped(name: str) -> None:
    assert not mappable(Property(name, "Voornaam", P.STRING))


@given(
    st.lists(
        st.builds(Field, st.sampled_from(["contact", "relation"]),
                  st.sampled_from(["first_name", "tel", "x", "mobiel"]),
                  st.sampled_from(["Voornaam", "Tel.", "Mobiel", "x"]), st.sampled_from(F)),
    ),
    st.lists(
        st.builds(Property, st.sampled_from(["firstName", "permissions", "email", "gsm", "y"]),
                  st.sampled_from(["Voornaam", "Telefoon", "Mobiel nr.", "y"]), st.sampled_from(P)),
        unique_by=lambda property: property.name,
    ),
)  # fmt: skip
def test_no_property_is_fed_twice_and_none_that_cannot_be(
    fields: list[Field], properties: list[Property]
) -> None:
    rows = base_mapping(fields, properties)
    targets = [row.property for row in rows]
    assert len(targets) == len(set(targets))
    sources = [(row.entity, row.field) for row in rows]
    assert len(sources) == len(set(sources))
    assert not {"permissions", "externalId", "testGroup", "email"} & set(targets)


ROWS = [
    Row("contact", "first_name", F.TEXT, "firstName", P.STRING),
    Row("contact", "postcode", F.POSTCODE, "postalCode", P.POSTCODE),
    Row("contact", "language", F.CHOICE, "taal", P.STRING, (("nl", "Nederlands"),)),
    Row("relation", "documents", F.BOOLEAN, "docs", P.STRING),
]


def test_a_contact_goes_through_the_mapping() -> None:
    result = desired(
        {"first_name": " Zoë ", "postcode": "B-2000", "language": "nl", "note": "geheim"},
        {"documents": True, "first_name": "niet deze"},
        ROWS,
    )
    assert result.values == {"firstName": "Zoë", "taal": "Nederlands", "docs": "Ja"}
    assert result.refusals == [
        Refusal("postcode", "postalCode", Reason.FOREIGN_POSTCODE, value="B-2000")
    ]


def test_a_refusal_names_the_field_as_people_do_and_has_the_value() -> None:
    field = Field("contact", "mobile", "Mobiel", F.PHONE)
    made = row(field, Property("mobileNumber", "Mobiel nr.", P.MOB_NR))
    [refusal] = desired({"mobile": "020-1234567"}, {}, [made]).refusals
    assert (refusal.field, refusal.value, refusal.reason) == (
        "Mobiel", "020-1234567", Reason.NOT_A_MOBILE)  # fmt: skip


def test_empty_is_sent_as_empty_and_missing_is_left_alone() -> None:
    result = desired({"first_name": "", "postcode": None}, {}, ROWS)
    assert result.values == {"firstName": None, "postalCode": None}
    assert result.refusals == []


@given(st.dictionaries(st.sampled_from(["first_name", "postcode", "language", "note"]), st.text()))
def test_only_what_was_mapped_is_sent(fields: dict[str, Any]) -> None:
    result = desired(fields, {}, ROWS)
    assert set(result.values) <= {"firstName", "postalCode", "taal"}
    assert len(result.values) + len(result.refusals) == len(set(fields) - {"note"})
