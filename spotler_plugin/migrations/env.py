"""Alembic's entrance: migrations run on the application's own engine.

Revisions are numbered (`flask db revision --autogenerate --rev-id 0002 -m "add backups"`), so that
the folder reads as history.
"""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

from spotler_plugin.extensions import Model, db


def render_item(type_: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our column types as what they are in the database, so migrations need none of ours."""
    if type_ == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


def run_migrations() -> None:
    with db.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            render_item=render_item,
            # SQLite cannot alter most things; Alembic then copies the table.
            render_as_batch=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations are run against the database, not printed.")
run_migrations()
