"""Keep the claims of a preview on addresses in rows.

They were one value of the preview's row, which was written again with each chunk: of 20,000
contacts that are not linked yet, half of the time went there. Previews under way are stopped.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "preview_claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("preview_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("goes", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_preview_claim"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_preview_claim_environment_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["preview.id"], name="fk_preview_claim_preview_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "preview_id", "contact_id", name="uq_preview_claim_preview_id_contact_id"
        ),
    )
    op.create_index(
        "ix_preview_claim_preview_id_address", "preview_claim", ["preview_id", "address"]
    )
    op.execute(
        "UPDATE preview SET state = 'cancelled', finished_at = CURRENT_TIMESTAMP"
        " WHERE state = 'open'"
    )
    with op.batch_alter_table("preview") as table:
        table.drop_column("claims")


def downgrade() -> None:
    op.add_column("preview", sa.Column("claims", sa.JSON(), nullable=False, server_default="{}"))
    op.drop_table("preview_claim")
