"""Keep with an act its ground, and by a keyed digest the address that it was about.

Of acts that were recorded before, the address is found by the contact, as until now.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "consent_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("allows_again", sa.Boolean(), nullable=False),
        sa.Column("address_key", sa.LargeBinary(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name=op.f("fk_consent_setting_environment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_setting")),
        sa.UniqueConstraint("environment_id", name=op.f("uq_consent_setting_environment_id")),
    )
    with op.batch_alter_table("act") as table:
        table.add_column(sa.Column("ground", sa.String(300), nullable=True))
        table.add_column(sa.Column("address_digest", sa.String(64), nullable=True))
        table.create_index(
            op.f("ix_act_environment_id_address_digest"), ["environment_id", "address_digest"]
        )


def downgrade() -> None:
    with op.batch_alter_table("act") as table:
        table.drop_index(op.f("ix_act_environment_id_address_digest"))
        table.drop_column("address_digest")
        table.drop_column("ground")
    op.drop_table("consent_setting")
