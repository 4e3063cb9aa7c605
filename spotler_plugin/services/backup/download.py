"""Links by which a backup is downloaded: short-lived, used once, and afterwards the log of it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import Backup, BackupDownload, BackupState, Environment
from spotler_plugin.planning.backup.sheet import SheetColumn, row, sheet
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.backup.rows import BEGINNING, read_contacts
from spotler_plugin.services.environment import enabled_environments

LIFE = timedelta(seconds=60)
"""The browser follows the link as soon as it has it."""
AT_ONCE = 500
"""Contacts that are read in one transaction: a slow reader holds none up."""

log = get_logger()


class File(NamedTuple):
    """What a link leads to."""

    owner: Environment
    backup_id: UUID
    created_at: datetime
    columns: list[SheetColumn]


def make_link(environment_id: int, backup_id: UUID, actor: Actor, lang: str) -> str | None:
    """Return the token of a new link; None when there is no complete backup with this id."""
    complete = select(Backup.id).where(
        Backup.environment_id == environment_id,
        Backup.id == backup_id,
        Backup.state == BackupState.COMPLETE,
    )
    if db.session.scalar(complete) is None:
        return None
    token = secrets.token_urlsafe(32)
    db.session.add(
        BackupDownload(
            environment_id=environment_id,
            backup_id=backup_id,
            digest=_digest(token),
            actor_id=actor.id[:200],
            actor_name=actor.name,
            lang=lang,
            expires_at=datetime.now(UTC) + LIFE,
        )
    )
    return token


def use_link(token: str) -> File | None:
    """Return what a link leads to, once; None for one that is unknown, used or too late.

    Its first statement writes, so that it is alone in what it does, on SQLite within a GET too.
    """
    now = datetime.now(UTC)
    used = db.session.execute(
        update(BackupDownload)
        .where(
            BackupDownload.digest == _digest(token),
            BackupDownload.used_at.is_(None),
            BackupDownload.expires_at > now,
            BackupDownload.environment_id.in_(enabled_environments()),
        )
        .values(used_at=now)
        .returning(
            BackupDownload.environment_id, BackupDownload.backup_id, BackupDownload.actor_id
        ),
        execution_options={"across_environments": True, "synchronize_session": False},
    ).one_or_none()
    if used is None:
        return None
    found = db.session.scalar(
        select(Backup).where(
            Backup.environment_id == used.environment_id,
            Backup.id == used.backup_id,
            Backup.state == BackupState.COMPLETE,
        )
    )
    if found is None:
        return None
    log.info("backup.downloaded", environment=used.environment_id, backup=str(used.backup_id))
    owner = db.session.get_one(Environment, used.environment_id)
    return File(owner, found.id, found.created_at, sheet(found.layout))


def file_rows(file: File) -> Iterator[Sequence[str]]:
    """Yield the rows, some in memory at a time, with no transaction open in between."""
    after = BEGINNING
    while True:
        contacts = read_contacts(file.owner.id, file.backup_id, after=after)
        found = list(islice(contacts, AT_ONCE))
        db.session.rollback()
        if not found:
            return
        after = found[-1][0]
        yield from (row(file.columns, contact) for _place, contact in found)


def _digest(token: str) -> str:
    return hashlib.blake2b(token.encode(), digest_size=32).hexdigest()
