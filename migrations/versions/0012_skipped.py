"""Let a firing tell what it was to switch or start, and Spotler no longer had.

It was left out without a word; which it was is known only at the moment that the firing is carried
out, as an automation may be switched on again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("firing", sa.Column("skipped", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("firing", "skipped")
