"""Every environment variable: read once, checked at start, explained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from cryptography.fernet import Fernet, MultiFernet
from flask import Flask, current_app
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from spotler_plugin.origin import EXPECTED, is_origin

SPOTLER_URL = "https://restapi.mailplus.nl/integrationservice"
"""The real service, unversioned (spotler-api.md §1.1 [D])."""
NAME = "spotler_plugin.settings"
LEAST_TOKEN = 16
"""Characters; a shorter one can be guessed."""
UNREADABLE = (
    "cannot be read. In user and password every character but letters and digits is "
    "percent-encoded, such as %40 for @."
)


class ConfigError(Exception):
    """A setting is missing or cannot be used; the message names the variable."""


@dataclass(frozen=True, slots=True)
class Config:
    """The plugin's settings, one attribute per environment variable."""

    database_url: str
    """DATABASE_URL: `sqlite:///path` or `postgresql://user:password@host/name`."""
    redis_url: str
    """REDIS_URL: `redis://host:port/0`, Redis or Valkey; holds nothing that cannot be lost."""
    secret_keys: tuple[str, ...]
    """SECRET_KEYS: comma-separated Fernet keys; the first encrypts, all decrypt."""
    public_url: str
    """PUBLIC_URL: the origin under which browsers reach the plugin, without a path."""
    spotler_url: str
    """SPOTLER_URL: base of Mail+ for environments that name none of their own."""
    log_level: str
    """LOG_LEVEL: DEBUG, INFO (default), WARNING or ERROR."""
    feed_seconds: int = 60
    """FEED_SECONDS: how often Spotler is asked what changed, per environment; 60 by default."""
    spotler_calls_per_second: int = 5
    """SPOTLER_CALLS_PER_SECOND: most calls to one account; 5 by default, 0: no limit."""
    spotler_parallel_calls: int = 2
    """SPOTLER_PARALLEL_CALLS: most calls to one account at once; 2 by default, 0: no limit."""
    retry_seconds: int = 5
    """RETRY_SECONDS: pause before a second try, tripled before each later one; 5 by default."""
    brake_share: float = 0.2
    """BRAKE_SHARE: share of a run's contacts that may lose something; 0.2 by default."""
    brake_count: int = 50
    """BRAKE_COUNT: the same as a number, 50 by default; above both, a person types it in."""
    metrics_token: str = ""
    """METRICS_TOKEN: the bearer token for /metrics; without one there is no /metrics."""
    web_concurrency: int = 2
    """WEB_CONCURRENCY: how many web processes gunicorn starts (`serving`); 2 by default."""

    def init_app(self, app: Flask) -> None:
        """Make these the settings of the application."""
        app.extensions[NAME] = self

    @property
    def cipher(self) -> MultiFernet:
        return MultiFernet([Fernet(key) for key in self.secret_keys])

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Config:
        """Read and check all. Raises ConfigError, which names the first variable that is wrong."""
        return cls(
            database_url=_database_url(environ),
            redis_url=_url(environ, "REDIS_URL", ("redis", "rediss", "unix")),
            secret_keys=_secret_keys(environ),
            public_url=_origin(environ, "PUBLIC_URL"),
            spotler_url=_url(environ, "SPOTLER_URL", ("http", "https"), default=SPOTLER_URL),
            log_level=_choice(environ, "LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
            feed_seconds=_number(environ, "FEED_SECONDS", 60, least=1),
            spotler_calls_per_second=_number(environ, "SPOTLER_CALLS_PER_SECOND", 5),
            spotler_parallel_calls=_number(environ, "SPOTLER_PARALLEL_CALLS", 2),
            retry_seconds=_number(environ, "RETRY_SECONDS", 5, least=1),
            brake_share=_share(environ, "BRAKE_SHARE", "0.2"),
            brake_count=_number(environ, "BRAKE_COUNT", 50),
            metrics_token=_token(environ, "METRICS_TOKEN"),
            web_concurrency=_number(environ, "WEB_CONCURRENCY", 2, least=1),
        )


def settings_of(app: Flask) -> Config:
    return cast(Config, app.extensions[NAME])


def settings() -> Config:
    """The settings of the current application."""
    return settings_of(current_app)


def _required(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise ConfigError(f"{name} is not set. See the table of settings in README.md.")
    return value


def _url(
    environ: Mapping[str, str], name: str, schemes: tuple[str, ...], default: str | None = None
) -> str:
    value = environ.get(name, "").strip() or default or _required(environ, name)
    scheme = urlsplit(value).scheme
    if scheme not in schemes:
        raise ConfigError(f"{name} must begin with one of: {', '.join(schemes)}.")
    try:
        host, port = urlsplit(value).hostname or "", urlsplit(value).port
        reads = "@" not in host and port != 0 and bool(host or not scheme.startswith("http"))
    except ValueError:
        reads = False
    if not reads:
        # Without the value: what cannot be read may be a part of the password.
        raise ConfigError(f"{name} {UNREADABLE}")
    return value.rstrip("/")


def _database_url(environ: Mapping[str, str]) -> str:
    value = _required(environ, "DATABASE_URL")
    scheme, separator, rest = value.partition("://")
    if not separator or scheme.split("+")[0] not in ("sqlite", "postgresql", "postgres"):
        raise ConfigError("DATABASE_URL must begin with sqlite:/// or postgresql://.")
    _check_parts(value)
    # SQLAlchemy's own default driver for PostgreSQL is psycopg2; we bring psycopg 3.
    return value if scheme.startswith("sqlite") else f"postgresql+psycopg://{rest}"


def _check_parts(value: str) -> None:
    """A character of the password that is not encoded moves the rest into host or database."""
    try:
        url = make_url(value)
        rest = f"{url.host}{url.database if url.host else None}"
    except (ArgumentError, ValueError):
        rest = "@"
    if "@" in rest:
        raise ConfigError(f"DATABASE_URL {UNREADABLE}")


def _origin(environ: Mapping[str, str], name: str) -> str:
    value = _required(environ, name).removesuffix("/")
    if not is_origin(value):
        raise ConfigError(f"{name} must be {EXPECTED}.")
    return value


def _secret_keys(environ: Mapping[str, str]) -> tuple[str, ...]:
    keys = tuple(key.strip() for key in _required(environ, "SECRET_KEYS").split(",") if key.strip())
    for number, key in enumerate(keys, start=1):
        try:
            Fernet(key)
        except ValueError as error:
            # The key itself is left out: the message may end up in a log.
            raise ConfigError(
                f"SECRET_KEYS: key {number} is not a Fernet key. Make one with: python -c "
                '"from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
            ) from error
    return keys


def _token(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name, "").strip()
    if value and (len(value) < LEAST_TOKEN or not value.isascii()):
        raise ConfigError(f"{name} must be {LEAST_TOKEN} characters or more, without accents.")
    return value


def _choice(environ: Mapping[str, str], name: str, choices: tuple[str, ...], default: str) -> str:
    value = environ.get(name, "").strip().upper() or default
    if value not in choices:
        raise ConfigError(f"{name} must be one of: {', '.join(choices)}.")
    return value


def _number(environ: Mapping[str, str], name: str, default: int, *, least: int = 0) -> int:
    value = environ.get(name, "").strip() or str(default)
    if not value.isdecimal() or int(value) < least:
        raise ConfigError(f"{name} must be a whole number, {least} or more.")
    return int(value)


def _share(environ: Mapping[str, str], name: str, default: str) -> float:
    value = environ.get(name, "").strip() or default
    try:
        share = float(value)
    except ValueError:
        share = -1
    if not 0 <= share <= 1:
        raise ConfigError(f"{name} must be a number from 0 to 1, such as 0.2.")
    return share
