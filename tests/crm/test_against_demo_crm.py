"""The client and the demo CRM, over HTTP: both follow the contract, or this fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from demo.crm.faults import Fault, Kind
from demo.crm.server import DemoCrm
from demo.crm.settings import Settings
from spotler_plugin.crm import (
    Conflict,
    CrmClient,
    CrmError,
    Entity,
    InvalidAnswer,
    NotFound,
    RateLimited,
    TokenRefused,
    Unavailable,
    UnknownOutcome,
    connect,
)

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def crm() -> Iterator[DemoCrm]:
    with DemoCrm(Settings(contacts=30), host="127.0.0.1") as crm:
        yield crm


@pytest.fixture
def client(crm: DemoCrm) -> CrmClient:
    crm.data.faults.clear()
    return connect(crm.api_url, crm.settings.api_token)


@pytest.fixture
def everybody(client: CrmClient) -> list[str]:
    pages = client.contacts.changed_since(LONG_AGO, limit=7)
    return list(dict.fromkeys(contact.id for page in pages for contact in page.contacts))


def test_contacts(client: CrmClient, everybody: list[str]) -> None:
    batch = client.contacts.get_many([*everybody[:20], "nobody"])
    assert list(batch.missing) == ["nobody"]
    assert sorted(batch.contacts) == sorted(everybody[:20])
    assert all(isinstance(each.version, int) for each in batch.contacts.values())


def test_fields(client: CrmClient, everybody: list[str]) -> None:
    fields = client.fields.list()
    address = next(
        each for each in fields if each.entity is Entity.CONTACT and each.type == "email"
    )
    assert {field.entity for field in fields} == set(Entity)
    contact = client.contacts.get_many(everybody[:1]).contacts[everybody[0]]
    assert address.name in contact.fields


def test_relation(client: CrmClient, everybody: list[str]) -> None:
    contacts = client.contacts.get_many(everybody).contacts.values()
    contact = next(each for each in contacts if each.relation_id and each.primary)
    assert contact.relation_id is not None
    assert client.relations.get(contact.relation_id).primary_contact_id == contact.id
    with pytest.raises(NotFound):
        client.relations.get("nowhere")


def test_selection(crm: DemoCrm, client: CrmClient, everybody: list[str]) -> None:
    selection = crm.data.selections.add(everybody, "alice")
    pages = list(client.selections.ids(selection.id, limit=12))
    assert [contact_id for page in pages for contact_id in page.ids] == everybody
    assert {page.total for page in pages} == {len(everybody)}
    with pytest.raises(NotFound):
        list(client.selections.ids("gone"))


def test_patch_once_per_key(client: CrmClient, everybody: list[str]) -> None:
    changes = {"keywords": ["Beurs"]}
    ids = [everybody[0], "nobody"]
    first = client.contacts.patch(ids, changes, idempotency_key="once")
    version = client.contacts.get_many(ids).contacts[everybody[0]].version
    again = client.contacts.patch(ids, changes, idempotency_key="once")
    assert first == again
    assert first.updated == {everybody[0]} and list(first.failed) == ["nobody"]
    assert client.contacts.get_many(ids).contacts[everybody[0]].version == version


def test_opt_out(client: CrmClient, everybody: list[str]) -> None:
    for contact_id, known in ((everybody[0], True), ("nobody", False)):
        told = client.contacts.record_opt_out(
            contact_id,
            permission="Nieuws",
            at=LONG_AGO,
            source="spotler",
            idempotency_key=f"opt-out-{contact_id}",
        )
        assert told is known


def test_wrong_token(crm: DemoCrm) -> None:
    with pytest.raises(TokenRefused):
        connect(crm.api_url, "wrong").fields.list()


@pytest.mark.parametrize(
    ("kind", "reading", "writing"),
    [
        ("401", TokenRefused, TokenRefused),
        ("404", NotFound, NotFound),
        ("409", Conflict, Conflict),
        ("429", RateLimited, RateLimited),
        ("500", Unavailable, Unavailable),
        ("503", Unavailable, Unavailable),
        ("html", InvalidAnswer, UnknownOutcome),
        ("half", InvalidAnswer, UnknownOutcome),
        ("empty", InvalidAnswer, UnknownOutcome),
        ("drop", UnknownOutcome, UnknownOutcome),
    ],
)
def test_faults(
    crm: DemoCrm,
    client: CrmClient,
    kind: Kind,
    reading: type[CrmError],
    writing: type[CrmError],
) -> None:
    crm.data.faults.add(Fault(kind, calls=2))
    with pytest.raises(CrmError) as read:
        client.fields.list()
    with pytest.raises(CrmError) as written:
        client.contacts.patch(["nobody"], {"keywords": []}, idempotency_key=f"fault-{kind}")
    assert (type(read.value), type(written.value)) == (reading, writing)
    assert read.value.retry_after == (1.0 if kind in ("429", "503") else None)
