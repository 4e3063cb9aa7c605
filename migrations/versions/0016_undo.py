"""Let a run be taken back: what it changed in the CRM and in the mapping is kept with it.

A run that takes back another, and its preview, say which one and how far. A contact that is left
alone says in the preview what somebody else changed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("run_item", sa.Column("patch", sa.JSON(), nullable=True))
    op.add_column("preview_item", sa.Column("detail", sa.JSON(), nullable=True))
    with op.batch_alter_table("run") as table:
        table.add_column(sa.Column("remapping", sa.JSON(), nullable=True))
        table.add_column(sa.Column("undoes_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("undo", sa.JSON(), nullable=True))
        table.create_foreign_key(
            "fk_run_undoes_id", "run", ["undoes_id"], ["id"], ondelete="SET NULL"
        )
        table.create_index("ix_run_undoes_id", ["undoes_id"])
    with op.batch_alter_table("preview") as table:
        table.add_column(sa.Column("undoes_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("undo", sa.JSON(), nullable=True))
        table.create_foreign_key(
            "fk_preview_undoes_id", "run", ["undoes_id"], ["id"], ondelete="CASCADE"
        )


def downgrade() -> None:
    with op.batch_alter_table("preview") as table:
        table.drop_constraint("fk_preview_undoes_id", type_="foreignkey")
        table.drop_column("undo")
        table.drop_column("undoes_id")
    with op.batch_alter_table("run") as table:
        table.drop_index("ix_run_undoes_id")
        table.drop_constraint("fk_run_undoes_id", type_="foreignkey")
        table.drop_column("undo")
        table.drop_column("undoes_id")
        table.drop_column("remapping")
    op.drop_column("preview_item", "detail")
    op.drop_column("run_item", "patch")
