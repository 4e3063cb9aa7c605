"""Keep how far the CRM was asked who was in Spotler before we came.

Nobody was asked yet, also where everybody was read: the next reading of the feed leads to it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("feed", sa.Column("known_after", sa.Integer(), nullable=True))
    op.add_column("feed", sa.Column("known_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("feed", "known_at")
    op.drop_column("feed", "known_after")
