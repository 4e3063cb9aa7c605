"""Let a run, and its preview, put back a backup.

Which one, and which part of it, is kept with both: the run reads the backup while it goes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for name, ondelete in (("run", "SET NULL"), ("preview", "CASCADE")):
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column("restores_id", sa.Uuid(), nullable=True))
            table.add_column(sa.Column("restore", sa.JSON(), nullable=True))
            table.create_foreign_key(
                f"fk_{name}_restores_id", "backup", ["restores_id"], ["id"], ondelete=ondelete
            )


def downgrade() -> None:
    for name in ("preview", "run"):
        with op.batch_alter_table(name) as table:
            table.drop_constraint(f"fk_{name}_restores_id", type_="foreignkey")
            table.drop_column("restore")
            table.drop_column("restores_id")
