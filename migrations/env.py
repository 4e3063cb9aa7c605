"""Alembic's entrance: revisions run on the application's own engine, and are numbered.

`flask --app wsgi db migrate -m "backup"` writes the next one by what differs between models and
database, to be read and tidied: one change, and a docstring that says why.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Enum
from sqlalchemy.engine import Connection
from sqlalchemy.types import TypeDecorator

from spotler_plugin.commands.guard import one_sentence
from spotler_plugin.extensions import db


def render_item(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write our column types as what they are in the database, so that revisions need none of ours.

    An enum is a text there: a new member takes no revision.
    """
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def number(
    _context: MigrationContext, _revision: object, directives: list[MigrationScript]
) -> None:
    """Number a new revision after the last; nothing is written when `db migrate` finds nothing."""
    [script] = directives
    is_compared = getattr(context.config.cmd_opts, "autogenerate", False)
    if is_compared and script.upgrade_ops and script.upgrade_ops.is_empty():
        directives.clear()
        context.config.print_stdout("No revision is needed: the database is as the models say.")
    script.rev_id = f"{int(context.script.get_current_head() or 0) + 1:04}"


def leave_references(connection: Connection) -> None:
    """Keep the rows that refer to a table which SQLite alters: by copying, and dropping the first.

    The setting is heard outside a transaction only, and is of this connection, which therefore is
    not given to anybody else.
    """
    if connection.dialect.name == "sqlite":
        connection.detach()
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")


def run_migrations() -> None:
    with db.engine.connect() as connection:
        leave_references(connection)
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            process_revision_directives=number,
            compare_server_default=True,
            # SQLite cannot alter most things; Alembic then copies the table.
            render_as_batch=True,
            # All revisions or none, on SQLite too: `extensions` begins its transactions.
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations are run against the database, not printed.")
with one_sentence(makes_tables=True):
    run_migrations()
