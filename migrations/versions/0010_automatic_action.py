"""Make the automatic actions and their firings, and let an API token be found.

A firing is the work and afterwards the history; its unique constraint decides that an action fires
once for a contact and a transition. The plugin's API knows its caller by the token alone, which is
stored encrypted and cannot be searched for: hence the digest beside it. Those that are there get
theirs by `flask environment encrypt-anew`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("environment_secret", sa.Column("digest", sa.String(length=64), nullable=True))
    op.create_index("ix_environment_secret_digest", "environment_secret", ["digest"])
    op.create_table(
        "automatic_action",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("adjustment", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_automatic_action"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_automatic_action_environment_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_automatic_action_environment_id_name", "automatic_action", ["environment_id", "name"]
    )
    op.create_table(
        "firing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.String(length=120), nullable=False),
        sa.Column("transition_id", sa.String(length=200), nullable=False),
        sa.Column("sale_id", sa.String(length=200), nullable=True),
        sa.Column("from_phase", sa.String(length=200), nullable=True),
        sa.Column("to_phase", sa.String(length=200), nullable=True),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("adjustment", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("message", sa.String(length=300), nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_firing"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_firing_environment_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["action_id"],
            ["automatic_action.id"],
            name="fk_firing_action_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name="fk_firing_run_id", ondelete="SET NULL"
        ),
        sa.UniqueConstraint(
            "action_id",
            "contact_id",
            "transition_id",
            name="uq_firing_action_id_contact_id_transition_id",
        ),
    )
    op.create_index(
        "ix_firing_environment_id_action_id_fired_at",
        "firing",
        ["environment_id", "action_id", "fired_at"],
    )
    op.create_index("ix_firing_state_due_at", "firing", ["state", "due_at"])


def downgrade() -> None:
    op.drop_table("firing")
    op.drop_table("automatic_action")
    op.drop_index("ix_environment_secret_digest", "environment_secret")
    op.drop_column("environment_secret", "digest")
