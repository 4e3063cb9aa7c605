"""Secrets at rest: find whose an API token is, and encrypt all with another key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hmac import compare_digest

from cryptography.fernet import InvalidToken
from sqlalchemy import LargeBinary, select, type_coerce
from sqlalchemy.orm.attributes import flag_modified

from spotler_plugin.extensions import cipher, db
from spotler_plugin.models import (
    Backup,
    Connection,
    ConsentSetting,
    Environment,
    EnvironmentSecret,
    SecretKind,
)
from spotler_plugin.services.environment import digest_of, is_valid

SECRETS: Mapping[type[Backup | Connection | ConsentSetting | EnvironmentSecret], Sequence[str]] = {
    EnvironmentSecret: ("value",),
    Connection: ("key", "secret", "previous_key", "previous_secret"),
    Backup: ("key",),
    ConsentSetting: ("address_key",),
}
"""The columns that hold secrets. A backup's contacts are encrypted with its own key, and stay."""


def encrypt_anew() -> int:
    """Encrypt all stored secrets with the first of `SECRET_KEYS`; return how many there are."""
    count = 0
    for model, names in SECRETS.items():
        for row in db.session.scalars(
            select(model).with_for_update().execution_options(across_environments=True)
        ):
            for name in filter(row.__getattribute__, names):
                # The text stays the same, but is encrypted again when it is written.
                flag_modified(row, name)
                count += 1
            if isinstance(row, EnvironmentSecret):
                row.digest = digest_of(row.kind, row.value)
    db.session.flush()
    return count


def find_by_api_token(token: str) -> Environment | None:
    """Return the environment, disabled or not, whose API token this is.

    None also where two have the same one: whose it is cannot be told. Takes as long for a token
    that nobody has.
    """
    rows = db.session.execute(
        select(Environment, EnvironmentSecret.value, EnvironmentSecret.valid_until)
        .join(EnvironmentSecret, EnvironmentSecret.environment_id == Environment.id)
        .where(
            EnvironmentSecret.digest.in_(cipher.digests(token)),
            EnvironmentSecret.kind == SecretKind.API,
        )
        .execution_options(across_environments=True)
    ).all()
    now = datetime.now(UTC)
    known = [(row.Environment, row.value) for row in rows if is_valid(row.valid_until, now)]
    owner, value = known[0] if known else (None, cipher.decoy())
    same = compare_digest(value.encode(), token.encode())
    return owner if same and len({each.id for each, _ in known}) == 1 else None


def has_api_token(token: str) -> bool:
    """Return whether some environment has this API token, valid or not any more."""
    same = EnvironmentSecret.digest.in_(cipher.digests(token))
    found = select(EnvironmentSecret.id).where(same).limit(1)
    return db.session.scalar(found.execution_options(across_environments=True)) is not None


def opens_newest() -> bool:
    """Return whether the keys open the newest secret; True where none is stored."""
    newest = select(type_coerce(EnvironmentSecret.value, LargeBinary)).order_by(
        EnvironmentSecret.id.desc()
    )
    value = db.session.scalar(newest.limit(1).execution_options(across_environments=True))
    return value is None or _opens(value)


def sealed_secrets() -> tuple[int, int]:
    """Return how many secrets are stored, and how many of them the keys do not open."""
    found = [_opens(value) for value in _stored()]
    return len(found), found.count(False)


def _stored() -> Iterator[bytes]:
    for model, names in SECRETS.items():
        for name in names:
            column = type_coerce(getattr(model, name), LargeBinary)
            rows = select(column).execution_options(across_environments=True)
            yield from (value for value in db.session.scalars(rows) if value is not None)


def _opens(value: bytes) -> bool:
    try:
        cipher.fernet.decrypt(value)
    except InvalidToken:
        return False
    return True
