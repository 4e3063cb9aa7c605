"""Keep by name the first people behind each number of a preview.

Of previews from before nobody is kept but who is left out; they are gone in a day.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    with op.batch_alter_table("preview_item") as table:
        table.alter_column("reason", existing_type=sa.String(32), nullable=True)
        table.add_column(sa.Column("figure", sa.String(32), nullable=True))
        table.add_column(sa.Column("subject", sa.String(120), nullable=False, server_default=""))
        table.add_column(sa.Column("end", sa.String(32), nullable=False, server_default=""))
    with op.batch_alter_table("preview_item") as table:
        table.alter_column("subject", server_default=None)
        table.alter_column("end", server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM preview_item WHERE reason IS NULL")
    with op.batch_alter_table("preview_item") as table:
        for name in ("end", "subject", "figure"):
            table.drop_column(name)
        table.alter_column("reason", existing_type=sa.String(32), nullable=False)
