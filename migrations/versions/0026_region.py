"""Keep the country of telephone numbers without a code, and when a refused key is proved again.

By the one "0612345678" is known to be a number, and which one. By the other work goes on by itself
after a refusal that was none.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    with op.batch_alter_table("environment") as environment:
        environment.add_column(
            sa.Column("region", sa.String(length=2), nullable=False, server_default="NL")
        )
        environment.alter_column("region", server_default=None)
    with op.batch_alter_table("connection") as connection:
        connection.add_column(sa.Column("prove_at", sa.DateTime(timezone=True), nullable=True))
        connection.add_column(
            sa.Column("refusals", sa.Integer(), nullable=False, server_default="0")
        )
        connection.alter_column("refusals", server_default=None)
    # Those that were refused before are proved once more.
    op.execute("UPDATE connection SET prove_at = refused_at WHERE state = 'refused'")


def downgrade() -> None:
    with op.batch_alter_table("connection") as connection:
        connection.drop_column("refusals")
        connection.drop_column("prove_at")
    op.drop_column("environment", "region")
