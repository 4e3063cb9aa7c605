"""A fault of the database, of the keys or of Redis ends a command with one sentence.

Neither the address of the server nor what a driver says about it is printed: a password that is
written wrongly ends up in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from cryptography.fernet import InvalidToken
from flask.cli import AppGroup
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from spotler_plugin.logs import lines
from spotler_plugin.services.readiness.stores import WITHOUT_TABLES, has_tables
from spotler_plugin.trouble import trouble_of


@contextmanager
def one_sentence(*, makes_tables: bool = False) -> Iterator[None]:
    """Raises ClickException for what went wrong in a server; a bug of ours stays what it is.

    With `makes_tables` that there are none is no reason.
    """
    try:
        yield
    except SQLAlchemyError as error:
        trouble = trouble_of(error)
        if trouble is not None:
            raise click.ClickException(f"The database of DATABASE_URL is {trouble}.") from None
        if not makes_tables and not has_tables():
            raise click.ClickException(
                f"The database is {WITHOUT_TABLES}. Run: flask --app wsgi db upgrade"
            ) from None
        raise
    except InvalidToken:
        raise sealed() from None
    except RedisError as error:
        said = type(error).__name__
        raise click.ClickException(f"Redis of REDIS_URL cannot be used ({said}).") from None


def sealed() -> click.ClickException:
    return click.ClickException(
        "SECRET_KEYS does not open what is stored: it is another database's, or lacks a former key."
    )


class GuardedProcess(click.Command):
    """One that goes on: its log is what it has to say."""

    def invoke(self, ctx: click.Context) -> Any:
        with one_sentence():
            return super().invoke(ctx)


class GuardedCommand(GuardedProcess):
    """One that answers: its log is told beside the answer."""

    def invoke(self, ctx: click.Context) -> Any:
        with lines.aside():
            return super().invoke(ctx)


class GuardedGroup(AppGroup):
    def invoke(self, ctx: click.Context) -> Any:
        with one_sentence(), lines.aside():
            return super().invoke(ctx)
