"""Make the ledger of work: a run, and for each of its contacts what became of it.

Work is a row before anybody is told of it, so that nothing is lost with the queue. An item keeps
what was there before and what was sent; the run's counts add up to its items.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("request_token", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("mapping_version", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.String(length=200), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("halted_because", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("selected", sa.Integer(), nullable=False),
        sa.Column("linked", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("blocked", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Integer(), nullable=False),
        sa.Column("may_empty", sa.Integer(), nullable=True),
        sa.Column("may_switch_off", sa.Integer(), nullable=True),
        sa.Column("emptied", sa.Integer(), nullable=False),
        sa.Column("switched_off", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environment.id"], name="fk_run_environment_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "environment_id", "request_token", name="uq_run_environment_id_request_token"
        ),
    )
    op.create_index("ix_run_environment_id_created_at", "run", ["environment_id", "created_at"])
    op.create_index("ix_run_state_enqueued_at", "run", ["state", "enqueued_at"])
    op.create_table(
        "run_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.String(length=120), nullable=False),
        sa.Column("take_over", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("crashes", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_run_item"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_run_item_environment_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name="fk_run_item_run_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("run_id", "contact_id", name="uq_run_item_run_id_contact_id"),
    )
    op.create_index(
        "ix_run_item_environment_id_contact_id_outcome",
        "run_item",
        ["environment_id", "contact_id", "outcome"],
    )
    op.create_index(
        "ix_run_item_run_id_outcome_due_at_id", "run_item", ["run_id", "outcome", "due_at", "id"]
    )
    op.create_index("ix_run_item_run_id_settled_at", "run_item", ["run_id", "settled_at"])


def downgrade() -> None:
    op.drop_table("run_item")
    op.drop_table("run")
