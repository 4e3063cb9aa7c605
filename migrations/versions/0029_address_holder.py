"""Keep which contact had which address, as digests: an opt-out follows the person.

Of addresses that were left before, only what links and mirror still have is known. And how far the
CRM was told of opt-outs.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "address_holder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(120), nullable=False),
        sa.Column("address_digest", sa.String(64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name=op.f("fk_address_holder_environment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_holder")),
        sa.UniqueConstraint(
            "environment_id",
            "contact_id",
            "address_digest",
            name=op.f("uq_address_holder_environment_id_contact_id_address_digest"),
        ),
    )
    op.create_index(
        op.f("ix_address_holder_environment_id_address_digest"),
        "address_holder",
        ["environment_id", "address_digest"],
    )
    with op.batch_alter_table("consent_setting") as table:
        table.add_column(sa.Column("told_act_id", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("tell_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(
            sa.Column("tell_attempts", sa.Integer(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("consent_setting") as table:
        table.alter_column("told_act_id", server_default=None)
        table.alter_column("tell_attempts", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("consent_setting") as table:
        table.drop_column("tell_attempts")
        table.drop_column("tell_at")
        table.drop_column("told_act_id")
    op.drop_table("address_holder")
