"""The database, its revision, what SECRET_KEYS opens of it, and Redis.

Each function returns what is wrong in a few words, or None when it is well.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import cast

from alembic.script import ScriptDirectory
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError
from structlog import get_logger

from spotler_plugin.extensions import db, migrate, redis_server
from spotler_plugin.services.connection.secrets import opens_newest
from spotler_plugin.trouble import trouble_of

WITHOUT_TABLES = "without tables"
OTHER_TABLES = "at revision"
NEWER_TABLES = "newer than this version of the plugin"
REFUSED_BY_REDIS = "refusing the user or password"
OPENS_NOTHING = "the keys open nothing that is stored"
MOST_SKEW = timedelta(seconds=5)
"""Spotler and the CRM refuse a signature whose time is minutes off; this is noticed long before."""

log = get_logger()


def database_trouble() -> str | None:
    """Write and commit, because a full disk and a read-only server can be read all right."""
    try:
        db.session.execute(text("UPDATE alembic_version SET version_num = version_num"))
        db.session.commit()
        found = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        db.session.commit()
    except SQLAlchemyError as error:
        db.session.rollback()
        trouble = trouble_of(error) or WITHOUT_TABLES
        log.error("ready.database", trouble=trouble, error=type(error).__name__)
        return trouble
    if found is None:
        return WITHOUT_TABLES
    if found == wanted_revision():
        return None
    told = f"{OTHER_TABLES} {found}, not {wanted_revision()}"
    return told if found in known_revisions() else f"{NEWER_TABLES}: {told}"


def of_tables(trouble: str) -> str | None:
    """Return what is to be done about the tables; None where these are not the trouble."""
    if trouble == WITHOUT_TABLES or trouble.startswith(OTHER_TABLES):
        return "Run: flask --app wsgi db upgrade"
    if trouble.startswith(NEWER_TABLES):
        return "Install the version that made it, or put back the copy from before it."
    return None


def has_tables() -> bool:
    """Return whether `db upgrade` was ever run here; only where the database answers."""
    db.session.rollback()
    return inspect(db.engine).has_table("alembic_version")


@cache
def wanted_revision() -> str:
    """Return the newest revision of this code."""
    return cast(str, _scripts().get_current_head())


@cache
def known_revisions() -> frozenset[str]:
    """Return the revisions that `db upgrade` can go on from."""
    return frozenset(each.revision for each in _scripts().walk_revisions())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(migrate.get_config())


def keys_trouble() -> str | None:
    """Open the newest secret; the database is well. All of them is `sealed_secrets`."""
    found = opens_newest()
    db.session.commit()
    return None if found else OPENS_NOTHING


def queue_trouble() -> str | None:
    try:
        redis_server.check()
    except (AuthenticationError, NoPermissionError) as error:
        log.error("ready.queue", error=type(error).__name__)
        return REFUSED_BY_REDIS
    except (RedisConnectionError, RedisTimeoutError) as error:
        log.error("ready.queue", error=type(error).__name__)
        return "unreachable"
    except RedisError as error:
        log.error("ready.queue", error=type(error).__name__)
        return "takes no writes"
    return None


def evicts() -> str | None:
    """Return by which policy Redis throws keys away when it is full; None where it does not, or
    does not tell."""
    try:
        policy = cast(dict[str, str], redis_server.quick.config_get("maxmemory-policy"))
    except RedisError:
        return None
    said = policy.get("maxmemory-policy", "noeviction")
    return None if said == "noeviction" else said


def clock_skew() -> timedelta | None:
    """Return how far our clock is from the database server's, where that is another's clock."""
    if db.engine.dialect.name != "postgresql":
        return None
    theirs = db.session.scalar(select(func.clock_timestamp()))
    db.session.commit()
    return abs(datetime.now(UTC) - theirs) if isinstance(theirs, datetime) else None


def start_trouble() -> str | None:
    """Return what a worker or scheduler cannot start with; what may pass by itself is not."""
    found = database_trouble()
    if found is not None and (advice := of_tables(found)):
        return f"the database is {found}. {advice}"
    if found is None and keys_trouble():
        return f"SECRET_KEYS is not the one of this database: {OPENS_NOTHING}."
    return None
