"""Let a mapping empty values of who was a relation's primary contact, and links learn who is it.

The CRM tells who the primary contact is, and not who it was: so the link keeps the relation of
which the contact was it. Those that are there learn it with their next synchronisation.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    with op.batch_alter_table("mapping_row") as mapping_row:
        mapping_row.add_column(
            sa.Column("empties_former", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("mapping_row") as mapping_row:
        mapping_row.alter_column("empties_former", server_default=None)
    with op.batch_alter_table("link") as link:
        link.add_column(sa.Column("primary_of", sa.String(length=120), nullable=True))
        link.add_column(sa.Column("primary_since", sa.DateTime(timezone=True), nullable=True))
        link.create_index("ix_link_environment_id_primary_of", ["environment_id", "primary_of"])


def downgrade() -> None:
    with op.batch_alter_table("link") as link:
        link.drop_index("ix_link_environment_id_primary_of")
        link.drop_column("primary_since")
        link.drop_column("primary_of")
    with op.batch_alter_table("mapping_row") as mapping_row:
        mapping_row.drop_column("empties_former")
