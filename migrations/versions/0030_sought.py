"""Keep how far the CRM's list of contacts was read for addresses that Spotler has.

It was read for nobody yet: the next reading of the feed leads to it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.add_column("feed", sa.Column("sought_after", sa.Text(), nullable=True))
    op.add_column("feed", sa.Column("sought_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("feed", "sought_at")
    op.drop_column("feed", "sought_after")
