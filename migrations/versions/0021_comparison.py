"""Keep how alike another account is to the one that was known: a person chooses by it.

Of a key that waits for the choice now nothing is known; its numbers come when it is saved again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    with op.batch_alter_table("connection") as table:
        for name in ("alike", "strange", "absent"):
            table.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("connection") as table:
        for name in ("alike", "strange", "absent"):
            table.alter_column(name, server_default=None)


def downgrade() -> None:
    for name in ("alike", "strange", "absent"):
        op.drop_column("connection", name)
