"""Fields, relations and selections of the CRM."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from spotler_plugin.crm import (
    Choice,
    CrmClient,
    Entity,
    Field,
    InvalidAnswer,
    NotFound,
    Relation,
    SelectionPage,
)

BASE = "https://crm.test/api"


def test_fields(client: CrmClient, wire: responses.RequestsMock) -> None:
    choices = [{"value": "nl", "label": "Nederlands"}, {"value": "fr"}]
    listed = [
        {"name": "info", "label": "Algemeen", "type": "email", "entity": "relation"},
        {
            "name": "lang",
            "label": "Voorkeurstaal",
            "type": "choice",
            "entity": "contact",
            "bulk_editable": True,
            "choices": choices,
        },
        {"name": "mail", "type": "email", "entity": "contact", "choices": []},
        {"name": "mail2", "type": "email", "entity": "contact"},
        {"name": "new", "type": "hologram", "entity": "contact"},
        {"name": "deal", "type": "text", "entity": "sale"},
    ]
    wire.get(f"{BASE}/fields", json={"fields": listed})
    assert client.fields.list() == [
        Field("info", "Algemeen", "email", Entity.RELATION),
        Field(
            "lang",
            "Voorkeurstaal",
            "choice",
            Entity.CONTACT,
            True,
            (Choice("nl", "Nederlands"), Choice("fr", "fr")),
        ),
        Field("mail", "mail", "email", Entity.CONTACT),
        Field("mail2", "mail2", "email", Entity.CONTACT),
        Field("new", "new", "hologram", Entity.CONTACT),
    ]


def test_labels_are_clean_and_names_are_as_they_are(
    client: CrmClient, wire: responses.RequestsMock
) -> None:
    """By its label is known what is a module field; by a name, or a value, the CRM is asked."""
    choices = [{"value": "n\u00adl", "label": "Neder\u00adlands"}]
    field = {"name": "a\u200b", "label": "Urenmo\u00addule\ufeff", "entity": "relation",
             "type": "choice", "choices": choices}  # fmt: skip
    wire.get(f"{BASE}/fields", json={"fields": [field]})
    [found] = client.fields.list()
    assert (found.name, found.label) == ("a\u200b", "Urenmodule")
    assert found.choices == (Choice("n\u00adl", "Nederlands"),)


@pytest.mark.parametrize(
    "odd", [None, 7, {"entity": "contact"}, {"entity": "contact", "name": []},
            {"entity": "contact", "name": "x", "choices": [None]}]
)  # fmt: skip
def test_a_field_that_cannot_be_read_hides_no_other(
    client: CrmClient, wire: responses.RequestsMock, odd: Any
) -> None:
    good = {"entity": "contact", "name": "lang", "choices": [None, {"value": ""}, {"value": "nl"}]}
    wire.get(f"{BASE}/fields", json={"fields": [odd, good]})
    [found] = client.fields.list()
    assert [each.value for each in found.choices] == ["", "nl"]


@pytest.mark.parametrize(
    "listed",
    [[{"entity": "contact"}], ["name"], [{"name": "x", "entity": "contact", "choices": "a"}]],
)
def test_what_is_no_list_of_fields(
    client: CrmClient, wire: responses.RequestsMock, listed: Any
) -> None:
    wire.get(f"{BASE}/fields", json={"fields": listed})
    with pytest.raises(InvalidAnswer):
        client.fields.list()


def test_relation(client: CrmClient, wire: responses.RequestsMock) -> None:
    answer = {"id": "acme", "name": "Acme", "primary_contact_id": None, "fields": {"x": 1}}
    wire.get(f"{BASE}/relations/acme", json=answer)
    assert client.relations.get("acme") == Relation("acme", "Acme", None, {"x": 1})
    wire.get(f"{BASE}/relations/gone", status=404)
    with pytest.raises(NotFound):
        client.relations.get("gone")


def test_another_relation_than_asked_for(client: CrmClient, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/relations/acme", json={"id": "other", "name": "Other", "fields": {}})
    with pytest.raises(InvalidAnswer):
        client.relations.get("acme")


def test_selection(client: CrmClient, wire: responses.RequestsMock) -> None:
    wire.get(f"{BASE}/selections/s", json={"total": 3, "ids": ["a", "b"], "next": 2})
    wire.get(f"{BASE}/selections/s", json={"total": 3, "ids": ["c"], "next": None})
    assert list(client.selections.ids("s", limit=2)) == [
        SelectionPage(3, ("a", "b")),
        SelectionPage(3, ("c",)),
    ]


@pytest.mark.parametrize("answer", [{"ids": []}, {"total": 1}, {"total": 1, "ids": [None]}, []])
def test_what_is_no_selection(client: CrmClient, wire: responses.RequestsMock, answer: Any) -> None:
    wire.get(f"{BASE}/selections/s", json=answer)
    with pytest.raises(InvalidAnswer):
        list(client.selections.ids("s"))
