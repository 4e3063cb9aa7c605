"""Let a preview be about the rest of a run that halted.

Agreed with, the run goes on and may lose as much more as the preview said.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    with op.batch_alter_table("preview") as table:
        table.add_column(sa.Column("resumes_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            "fk_preview_resumes_id", "run", ["resumes_id"], ["id"], ondelete="CASCADE"
        )


def downgrade() -> None:
    with op.batch_alter_table("preview") as table:
        table.drop_constraint("fk_preview_resumes_id", type_="foreignkey")
        table.drop_column("resumes_id")
