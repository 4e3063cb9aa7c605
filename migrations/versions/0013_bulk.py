"""Make selections, and let runs and previews carry what a bulk mutation changes.

A contact's item says by which call the CRM gets the change: the call is repeated with the same
contacts and the same key when a worker died on it, so that the CRM does it once.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "selection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("crm_id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_selection"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_selection_environment_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name="fk_selection_run_id", ondelete="SET NULL"
        ),
        sa.UniqueConstraint("environment_id", "crm_id", name="uq_selection_environment_id_crm_id"),
    )
    op.create_index("ix_selection_created_at", "selection", ["created_at"])
    op.create_table(
        "selection_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("selection_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_selection_contact"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_selection_contact_environment_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["selection_id"],
            ["selection.id"],
            name="fk_selection_contact_selection_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "selection_id", "contact_id", name="uq_selection_contact_selection_id_contact_id"
        ),
    )
    op.create_index(
        "ix_selection_contact_selection_id_id", "selection_contact", ["selection_id", "id"]
    )
    op.create_table(
        "preview_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("preview_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("sign_offs", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_preview_item"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_preview_item_environment_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["preview_id"], ["preview.id"], name="fk_preview_item_preview_id", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_preview_item_preview_id_reason_id", "preview_item", ["preview_id", "reason", "id"]
    )
    with op.batch_alter_table("preview") as table:
        table.add_column(sa.Column("adjustment", sa.JSON(), nullable=True))
        table.add_column(sa.Column("selection_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            "fk_preview_selection_id", "selection", ["selection_id"], ["id"], ondelete="CASCADE"
        )
    op.add_column("run", sa.Column("adjustment", sa.JSON(), nullable=True))
    op.add_column("run_item", sa.Column("patch_key", sa.Uuid(), nullable=True))
    op.add_column("run_item", sa.Column("patched_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("run_item", "patched_at")
    op.drop_column("run_item", "patch_key")
    op.drop_column("run", "adjustment")
    with op.batch_alter_table("preview") as table:
        table.drop_constraint("fk_preview_selection_id", type_="foreignkey")
        table.drop_column("selection_id")
        table.drop_column("adjustment")
    op.drop_table("preview_item")
    op.drop_table("selection_contact")
    op.drop_table("selection")
