"""Make the link: the tie between a contact of the CRM and its contact in Spotler.

It says since when the two are tied, why the last attempt to write did not, and which worker writes
it now: the lease keeps two of them from writing one contact at the same time.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("former_address", sa.String(length=320), nullable=True),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("crm_version", sa.String(length=64), nullable=True),
        sa.Column("problem", sa.String(length=32), nullable=True),
        sa.Column("problem_detail", sa.JSON(), nullable=True),
        sa.Column("problem_outcome", sa.String(length=32), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_link_environment_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "environment_id", "contact_id", name="uq_link_environment_id_contact_id"
        ),
    )
    op.create_index("ix_link_environment_id_address", "link", ["environment_id", "address"])


def downgrade() -> None:
    op.drop_table("link")
