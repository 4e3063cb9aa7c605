"""Register environments, and give out and rotate the secrets they share with the CRM."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import Select, bindparam, select
from structlog import get_logger

from spotler_plugin import crm
from spotler_plugin.crm import CrmClient
from spotler_plugin.extensions import REDIS_PREFIX, cipher, db, redis_server
from spotler_plugin.models import Environment, EnvironmentSecret, SecretKind
from spotler_plugin.planning.values.phone import REGION, REGIONS
from spotler_plugin.services.calls.crm import observing

NOBODY = 0
"""The id of no environment."""

ROTATION_GRACE = timedelta(hours=24)
"""How long a replaced secret stays valid (crm-developer.md §1)."""

log = get_logger()


def all_environments() -> Sequence[Environment]:
    return db.session.scalars(select(Environment).order_by(Environment.key)).all()


# Made once: making a statement takes as long as executing it, and each launch asks for these.
_OF_KEY = select(Environment).where(Environment.key == bindparam("key"))
_SECRETS = (
    select(EnvironmentSecret.value, EnvironmentSecret.valid_until)
    .where(
        EnvironmentSecret.environment_id == bindparam("owner"),
        EnvironmentSecret.kind == bindparam("kind"),
    )
    .order_by(EnvironmentSecret.created_at.desc(), EnvironmentSecret.id.desc())
)


def find(key: str) -> Environment | None:
    """The environment with this key, disabled or not."""
    return db.session.scalar(_OF_KEY, {"key": key})


def enabled_environments() -> Select[int]:
    """Select the ids of the environments whose work may be done."""
    return select(Environment.id).where(Environment.disabled_at.is_(None))


def has_neighbours(environment_id: int) -> bool:
    """Whether work of other environments may be done here."""
    others = enabled_environments().where(Environment.id != environment_id).limit(1)
    return db.session.scalar(others) is not None


def lock_environment(environment_id: int) -> None:
    """Let one transaction at a time change what an environment has once, until commit.

    That is its connection, catalogue, mapping and mirror. SQLite needs no lock, as it has one
    writer. It is a weaker lock than FOR UPDATE: rows that refer to the environment can be added.
    """
    if db.engine.dialect.name == "postgresql":
        of_this = select(Environment.id).where(Environment.id == environment_id)
        db.session.execute(of_this.with_for_update(key_share=True))


def add(
    key: str,
    *,
    name: str,
    crm_origins: Sequence[str],
    crm_api: str,
    spotler_url: str | None,
    region: str = REGION,
    given: Mapping[SecretKind, str],
) -> dict[SecretKind, str]:
    """Register an environment; return its three secrets, which are shown only this once."""
    now = datetime.now(UTC)
    environment = Environment(
        key=key,
        name=name,
        crm_origins=list(crm_origins),
        crm_api=crm_api.rstrip("/"),
        spotler_url=spotler_url,
        region=region,
        created_at=now,
    )
    values = {kind: given.get(kind) or _new_secret(kind) for kind in SecretKind}
    environment.secrets = [
        EnvironmentSecret(kind=kind, value=value, digest=digest_of(kind, value), created_at=now)
        for kind, value in values.items()
    ]
    db.session.add(environment)
    return values


def is_region(country: str) -> bool:
    """Return whether the numbering plan of this country is known, by its ISO code."""
    return country in REGIONS


def rotate(environment: Environment, kind: SecretKind) -> str:
    """Make a new secret; the current one stays valid for 24 hours, older ones end now."""
    lock_environment(environment.id)
    db.session.refresh(environment, ["secrets"])
    now = datetime.now(UTC)
    for secret in [secret for secret in environment.secrets if secret.kind is kind]:
        if secret.valid_until is None:
            secret.valid_until = now + ROTATION_GRACE
        else:
            environment.secrets.remove(secret)
    value = _new_secret(kind)
    environment.secrets.append(
        EnvironmentSecret(kind=kind, value=value, digest=digest_of(kind, value), created_at=now)
    )
    return value


def valid_secrets(environment: Environment, kind: SecretKind) -> list[str]:
    """Return the secrets that are valid now, newest first."""
    return _valid_secrets(environment.id, kind)


def decoy_secrets(kind: SecretKind) -> list[str]:
    """Return what an unknown environment is tried with, after the work that a known one takes.

    Without it the time of a refusal would tell which environments there are.
    """
    return [*_valid_secrets(NOBODY, kind), cipher.decoy()]


def _valid_secrets(environment_id: int, kind: SecretKind) -> list[str]:
    now = datetime.now(UTC)
    rows = db.session.execute(_SECRETS, {"owner": environment_id, "kind": kind})
    return [row.value for row in rows if is_valid(row.valid_until, now)]


def is_valid(until: datetime | None, now: datetime) -> bool:
    """Return whether a secret counts at this moment."""
    return until is None or until > now


def digest_of(kind: SecretKind, value: str) -> str | None:
    """Return what a secret is found by; None for those that are not looked for."""
    return cipher.digests(value)[0] if kind is SecretKind.API else None


def crm_of(
    environment: Environment, *, read_timeout: float = 20.0, total: float | None = None
) -> CrmClient:
    """Return the client of the environment's CRM; seconds as in `rest`.

    While two tokens are valid it presents the former one until the CRM refuses that: then the CRM
    has the new one.
    """
    newest, *former = valid_secrets(environment, SecretKind.API)
    waits = [token for token in former[:1] if not _is_refused(token)]
    return crm.connect(
        environment.crm_api,
        *waits,
        newest,
        on_refusal=lambda: _note_refused(former[0]),
        observe=observing(environment.id),
        read_timeout=read_timeout,
        total=total,
    )


def _is_refused(token: str) -> bool:
    """Return whether the CRM refused a former token; without Redis it is asked once more."""
    try:
        return bool(redis_server.quick.exists(_refusal_key(token)))
    except RedisError:
        return False


def _note_refused(token: str) -> None:
    log.info("crm.new_token")
    # Without Redis the next client finds out by itself.
    with suppress(RedisError):
        redis_server.quick.set(_refusal_key(token), 1, ex=ROTATION_GRACE)


def _refusal_key(token: str) -> str:
    return f"{REDIS_PREFIX}refused:{cipher.digests(token)[0]}"


def _new_secret(kind: SecretKind) -> str:
    if kind is SecretKind.EVENTS:
        # The Standard Webhooks form: prefix and base64 of 32 bytes.
        return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_urlsafe(32)
