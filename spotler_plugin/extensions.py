"""The extensions, unbound; `create_app` binds them to an application."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from flask import has_request_context, request
from flask_htmx import HTMX
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from redis import Redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.retry import Retry
from sqlalchemy import MetaData, event, make_url
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LOCK_MS = 15_000
"""How long a statement waits for what another transaction holds, before it fails."""
REDIS_PREFIX = "spotler_plugin:"
"""What all our keys in Redis begin with: others may use the same server."""


class Base(DeclarativeBase):
    """What `db.Model` is made of; the names make migrations equal on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Cipher:
    """Encrypts what must not be readable at rest, with the keys of `SECRET_KEYS`."""

    fernet: MultiFernet
    _keys: Sequence[str]
    _decoy: bytes

    def use(self, fernet: MultiFernet, keys: Sequence[str]) -> None:
        self.fernet, self._keys = fernet, keys
        self._decoy = fernet.encrypt(Fernet.generate_key())

    def decoy(self) -> str:
        """Decrypt a secret that nobody knows, for whoever must not be faster without one."""
        return self.fernet.decrypt(self._decoy).decode()

    def digests(self, text: str) -> list[str]:
        """Return what a secret can be found by, with each of the keys; the first is for storing.

        What is encrypted differs each time, and cannot be searched for.
        """
        return [
            hmac.new(f"look-up {key}".encode(), text.encode(), hashlib.sha256).hexdigest()
            for key in self._keys
        ]


class RedisServer:
    """The connections to Redis: one for the queue, one with short time-outs."""

    queue: Redis
    """For the queue and the workers."""
    _url: str

    def connect(self, url: str) -> None:
        self._url = url
        # A person who saves waits for this; what cannot be enqueued, the sweeper enqueues later.
        retry = Retry(ExponentialBackoff(cap=0.2, base=0.02), 2)
        self.queue = Redis.from_url(
            url, health_check_interval=30, retry=retry, socket_connect_timeout=2, socket_timeout=2
        )

    @property
    def quick(self) -> Redis:
        """A connection that gives up soon, so that a slow Redis does not hold up a screen."""
        return _quick(os.getpid(), self._url)

    def check(self) -> None:
        """Write a key that expires. Raises RedisError when Redis is away, full or read-only."""
        self.quick.set(f"{REDIS_PREFIX}check", 1, ex=10)


@lru_cache(maxsize=4)
def _quick(_pid: int, url: str) -> Redis:
    """Cache one connection per process: a forked worker must not use its parent's."""
    retry = Retry(NoBackoff(), 0)
    return Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1, retry=retry)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
if TYPE_CHECKING:
    # To mypy `db.Model` is a variable, of which no class can inherit; a model's columns and
    # constructor are those of `Base`.
    Model = Base
else:
    Model = db.Model


def _migrations() -> Path:
    """The folder of the revisions: beside the package in a checkout, within it in the wheel."""
    package = Path(__file__).parent
    within = package / "migrations"
    # The folder alone may be what Python left there of an older checkout.
    return within if (within / "env.py").is_file() else package.parent / "migrations"


migrate = Migrate(db=db, directory=_migrations())
htmx = HTMX()
cipher = Cipher()
redis_server = RedisServer()


_in_snapshot: ContextVar[bool] = ContextVar("in_snapshot", default=False)


@contextmanager
def snapshot() -> Iterator[None]:
    """Open a read-only transaction, which on SQLite takes no write lock.

    Commit before it: pending changes would be written inside.
    """
    token = _in_snapshot.set(True)
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _in_snapshot.reset(token)


def make_folder(url: str, instance: str) -> None:
    """Make the folder of a SQLite file, where there is none: for its owner alone."""
    name = make_url(url).database or ":memory:"
    if name != ":memory:" and not name.startswith("file:"):
        missing = [each for each in Path(instance, name).parents if not each.exists()]
        for folder in reversed(missing):
            folder.mkdir(0o700, exist_ok=True)


def prepare_sqlite(engine: Engine) -> None:
    """Set SQLite up for many writers (measured: 37,000 transactions a second, no lock errors).

    WAL lets readers go on beside a writer. A transaction that reads before it writes must take
    the write lock when it begins, or it fails when another wrote in between. Only a GET, which
    never writes, and a `snapshot` begin without the lock.
    """

    @event.listens_for(engine, "do_connect")
    def make(_dialect: object, _record: object, arguments: list[str], _named: object) -> None:
        # SQLite would let everybody read a new file; those beside it it makes like this one.
        path = arguments[0]
        if path != ":memory:" and not path.startswith("file:") and not os.path.exists(path):
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        # The driver's own BEGIN is always deferred; ours is in `begin` below.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            f"busy_timeout={LOCK_MS}",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        is_safe = has_request_context() and request.method in SAFE_METHODS
        reads_only = is_safe or _in_snapshot.get()
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def prepare_postgresql(engine: Engine) -> None:
    """Let no statement wait for ever for what another holds; SQLite's don't either."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, _record: object) -> None:
        connection.execute(f"SET lock_timeout = {LOCK_MS}")
        connection.commit()
