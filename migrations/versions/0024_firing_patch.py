"""Keep what the CRM had before an automatic action wrote note and status.

An undo puts it back. Of what fired before nothing was kept, so that stays.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("firing", sa.Column("patch", sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("firing") as table:
        table.drop_column("patch")
