"""Keep when the database was put back from a copy.

What was asked before it may have been done since the copy was made, so it is not tried again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column(
        "environment", sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    op.drop_column("environment", "restored_at")
