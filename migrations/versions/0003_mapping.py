"""Make the mapping: which field of the CRM feeds which property of Spotler.

A property has one source, and a field one goal, or it would depend on the order what is sent. Both
are named as their owners name them, not by the catalogue's ids: a mapping outlives a catalogue
that is read anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "mapping_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("entity", sa.String(length=16), nullable=False),
        sa.Column("field", sa.String(length=120), nullable=False),
        sa.Column("property", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mapping_row"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_mapping_row_environment_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "environment_id", "entity", "field", name="uq_mapping_row_environment_id_entity_field"
        ),
        sa.UniqueConstraint(
            "environment_id", "property", name="uq_mapping_row_environment_id_property"
        ),
    )


def downgrade() -> None:
    op.drop_table("mapping_row")
