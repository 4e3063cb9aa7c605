"""Make comparisons of CRM and Spotler, who differs in what, and what an administrator chose.

A comparison is made in turns, so its row says how far it is and by whom it is worked on. What a
contact differs in is a row of its own, which goes with its comparison.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "drift",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("actor_id", sa.String(length=200), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=True),
        sa.Column("mapping_version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("read_since", moment, nullable=False),
        sa.Column("read_until", moment, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("to_read", sa.Integer(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("to_compare", sa.Integer(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.Column("other_total", sa.Integer(), nullable=False),
        sa.Column("equal", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("by_property", sa.JSON(), nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("enqueued_at", moment, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_drift"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_drift_environment_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_drift_environment_id_created_at", "drift", ["environment_id", "created_at"])
    op.create_index("ix_drift_state_due_at", "drift", ["state", "due_at"])
    op.create_table(
        "drift_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("drift_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=120), nullable=False),
        sa.Column("encrypted_id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("searched", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.Column("differences", sa.JSON(), nullable=False),
        sa.Column("refusals", sa.JSON(), nullable=False),
        sa.Column("changed_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_drift_item"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_drift_item_environment_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["drift_id"], ["drift.id"], name="fk_drift_item_drift_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "drift_id",
            "kind",
            "contact_id",
            "encrypted_id",
            name="uq_drift_item_drift_id_kind_contact_id_encrypted_id",
        ),
    )
    op.create_index("ix_drift_item_drift_id_id", "drift_item", ["drift_id", "id"])
    op.create_table(
        "drift_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("nightly", sa.Boolean(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_drift_setting"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_drift_setting_environment_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("environment_id", name="uq_drift_setting_environment_id"),
    )


def downgrade() -> None:
    op.drop_table("drift_setting")
    op.drop_table("drift_item")
    op.drop_table("drift")
