"""Keep whose an e-mail address is, as a person said, and what a screen showed of the permissions.

The history of a contact looks for the firings about it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "address_act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(120), nullable=False),
        sa.Column("owner_id", sa.String(120), nullable=False),
        sa.Column("address_digest", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.String(200), nullable=True),
        sa.Column("actor_name", sa.String(200), nullable=True),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name=op.f("fk_address_act_environment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_act")),
    )
    with op.batch_alter_table("address_act") as table:
        table.create_index(
            op.f("ix_address_act_environment_id_contact_id_at"),
            ["environment_id", "contact_id", "at"],
        )
        table.create_index(
            op.f("ix_address_act_environment_id_address_digest"),
            ["environment_id", "address_digest"],
        )
    with op.batch_alter_table("run_item") as table:
        table.add_column(sa.Column("seen", sa.JSON(), nullable=True))
    with op.batch_alter_table("firing") as table:
        table.create_index(
            op.f("ix_firing_environment_id_contact_id"), ["environment_id", "contact_id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("firing") as table:
        table.drop_index(op.f("ix_firing_environment_id_contact_id"))
    with op.batch_alter_table("run_item") as table:
        table.drop_column("seen")
    op.drop_table("address_act")
