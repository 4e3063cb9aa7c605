"""What a backup keeps comes out as it went in, of whom it is asked, and of nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Backup,
    BackupCause,
    BackupChunk,
    BackupKind,
    BackupState,
    Environment,
)
from spotler_plugin.planning.backup.contact import FORMAT, BackedUp, UnknownFormat
from spotler_plugin.planning.backup.layout import Form, Layout
from spotler_plugin.services.backup import chunks
from spotler_plugin.services.backup.chunks import Chunks, adds_up
from spotler_plugin.services.backup.rows import NoBackup, find_contacts, read_contacts
from spotler_plugin.services.backup.seal import new_key
from spotler_plugin.services.connection.secrets import encrypt_anew

THEN = datetime(2024, 5, 1, 10, tzinfo=UTC)
ZOE = BackedUp(
    external_id="00012345",
    encrypted_id="zoe",
    properties={"email": "Zoë@Example.nl", "phone": "+31612345678", "age": 34, "list": {1: True}},
    permissions={1: True, 2: False},
    active=True,
    channels={"EMAIL": True, "SMS": False},
    created=THEN,
    last_changed=THEN,
    test_group=False,
    temporary=False,
)


def person(number: int) -> BackedUp:
    return BackedUp(f"c-{number}", f"e-{number}", {"email": f"{number}@example.nl"})


def kept(environment: Environment, *contacts: BackedUp) -> UUID:
    row = opened(environment)
    Chunks(row).add(row, contacts)
    row.state = BackupState.COMPLETE
    db.session.commit()
    return row.id


def opened(environment: Environment) -> Backup:
    row = Backup(
        id=uuid4(),
        environment_id=environment.id,
        kind=BackupKind.SPOTLER,
        cause=BackupCause.PERSON,
        created_at=THEN,
        key=new_key(),
        format=FORMAT,
        layout=Layout(),
        total=0,
        found=0,
        chunks=0,
        size=0,
    )
    db.session.add(row)
    db.session.flush()
    return row


def test_all_that_spotler_showed_comes_out_as_it_went_in(environment: Environment) -> None:
    backup_id = kept(environment, ZOE)
    [(place, contact)] = read_contacts(environment.id, backup_id)
    assert (place, contact) == ((1, 1), ZOE)
    row = db.session.get_one(Backup, backup_id)
    assert {each.name: each.form for each in row.layout.columns} == {
        "email": Form.TEXT, "phone": Form.TEXT, "age": Form.NUMBER, "list": Form.SET,
    }  # fmt: skip
    assert set(row.layout.permissions) == {1, 2}


def test_nothing_of_a_contact_can_be_read_in_the_database(environment: Environment) -> None:
    kept(environment, ZOE)
    row = db.session.execute(select(BackupChunk.__table__)).one()
    assert not any(text in repr(row).lower() for text in ("zoë", "zoe", "12345", "phone"))


def test_a_chunk_that_was_moved_or_changed_is_not_taken(environment: Environment) -> None:
    one, other = kept(environment, ZOE), kept(environment, person(1))
    content = db.session.scalar(select(BackupChunk.content).where(BackupChunk.backup_id == one))
    db.session.execute(
        update(BackupChunk).where(BackupChunk.backup_id == other).values(content=content)
    )
    with pytest.raises(InvalidTag):
        list(read_contacts(environment.id, other))


def test_contacts_are_found_by_id_and_by_address(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 10)
    twin = BackedUp(None, "twin", {"email": "ZOË@example.nl"})
    backup_id = kept(environment, *map(person, range(35)), ZOE, twin)

    def found(**by: list[str]) -> set[str | None]:
        return {each.encrypted_id for each in find_contacts(environment.id, backup_id, **by)}

    assert found(external_ids=["c-3", "c-33", "nobody"]) == {"e-3", "e-33"}
    assert found(addresses=["zoë@EXAMPLE.nl"]) == {"zoe", "twin"}
    assert found(external_ids=["00012345"], addresses=["7@example.nl"]) == {"zoe", "e-7"}
    assert found(encrypted_ids=["e-8", "twin", "nobody"]) == {"e-8", "twin"}
    assert found(external_ids=["12345"]) == found() == set()


def test_who_is_met_twice_is_kept_once_also_by_the_next_worker(environment: Environment) -> None:
    row = opened(environment)
    Chunks(row).add(row, [person(1), person(2), person(1)])
    Chunks(row).add(row, [person(2), person(3)])
    assert (row.found, row.chunks) == (3, 2) and row.size > 0
    assert adds_up(row)
    row.found += 1
    assert not adds_up(row)


def test_reading_goes_on_from_any_place(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "CHUNK", 10)
    backup_id = kept(environment, *map(person, range(35)))
    some = list(islice(read_contacts(environment.id, backup_id), 17))
    rest = list(read_contacts(environment.id, backup_id, after=some[-1][0]))
    assert [each.external_id for _, each in some + rest] == [f"c-{n}" for n in range(35)]
    assert list(read_contacts(environment.id, backup_id, after=rest[-1][0])) == []


@pytest.mark.parametrize("state", sorted(set(BackupState) - {BackupState.COMPLETE}))
def test_what_is_not_complete_has_no_contacts(environment: Environment, state: BackupState) -> None:
    backup_id = kept(environment, ZOE)
    db.session.get_one(Backup, backup_id).state = state
    db.session.commit()
    with pytest.raises(NoBackup):
        next(read_contacts(environment.id, backup_id))
    with pytest.raises(NoBackup):
        find_contacts(environment.id, backup_id, external_ids=["00012345"])


def test_nobody_reads_another_environments(
    environment: Environment, other_environment: Environment
) -> None:
    with pytest.raises(NoBackup):
        next(read_contacts(other_environment.id, kept(environment, ZOE)))


def test_a_newer_format_is_not_guessed_at(environment: Environment) -> None:
    backup_id = kept(environment, ZOE)
    db.session.get_one(Backup, backup_id).format = FORMAT + 1
    db.session.commit()
    with pytest.raises(UnknownFormat):
        next(read_contacts(environment.id, backup_id))


def test_new_secret_keys_leave_the_contacts_readable(environment: Environment) -> None:
    backup_id = kept(environment, ZOE)
    before = db.session.execute(select(BackupChunk.content)).scalar_one()
    assert encrypt_anew() == 4
    db.session.commit()
    assert db.session.execute(select(BackupChunk.content)).scalar_one() == before
    assert [each for _, each in read_contacts(environment.id, backup_id)] == [ZOE]
