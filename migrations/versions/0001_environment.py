"""Make the environments: customers of the CRM, and what is needed to know each of them.

All that comes later belongs to one environment and goes with it. An environment shares secrets
with its CRM, has the keys of its Spotler account, and remembers which launch tokens were used, so
that none is accepted twice.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "environment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("crm_origins", sa.JSON(), nullable=False),
        sa.Column("crm_api", sa.String(length=500), nullable=False),
        sa.Column("spotler_url", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column("account_since", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_environment"),
        sa.UniqueConstraint("key", name="uq_environment_key"),
    )
    op.create_table(
        "environment_secret",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_environment_secret"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_environment_secret_environment_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_environment_secret_environment_id_kind",
        "environment_secret",
        ["environment_id", "kind"],
    )
    op.create_table(
        "connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("key_ending", sa.String(length=4), nullable=False),
        sa.Column("secret_ending", sa.String(length=4), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("connected_by", sa.String(length=200), nullable=False),
        sa.Column("previous_key", sa.LargeBinary(), nullable=True),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("catalogue_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("catalogue_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("list_only_updates", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_connection"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_connection_environment_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("environment_id", name="uq_connection_environment_id"),
    )
    op.create_table(
        "used_launch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("token_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_used_launch"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_used_launch_environment_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("token_id", name="uq_used_launch_token_id"),
    )
    op.create_index("ix_used_launch_expires_at", "used_launch", ["expires_at"])


def downgrade() -> None:
    op.drop_table("used_launch")
    op.drop_table("connection")
    op.drop_table("environment_secret")
    op.drop_table("environment")
