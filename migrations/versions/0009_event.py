"""Make the events that the CRM sends, and its inbox; links learn who is gone or was merged.

An event is kept with what it led to, and for a week, so that one that comes again is known. The
inbox has the lease by which one worker at a time handles an environment's events, and how far the
CRM's own list of changes was read. A contact that is gone from the CRM keeps its id in Spotler, and
is not to be tied by it again; one that was merged keeps its acts, for the contact that was kept.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("contact_id", sa.String(length=120), nullable=True),
        sa.Column("merged_id", sa.String(length=120), nullable=True),
        sa.Column("relation_id", sa.String(length=120), nullable=True),
        sa.Column("version", sa.String(length=64), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_event_environment_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name="fk_event_run_id", ondelete="SET NULL"
        ),
        sa.UniqueConstraint(
            "environment_id", "webhook_id", name="uq_event_environment_id_webhook_id"
        ),
    )
    op.create_index(
        "ix_event_environment_id_outcome_due_at", "event", ["environment_id", "outcome", "due_at"]
    )
    op.create_index("ix_event_environment_id_contact_id", "event", ["environment_id", "contact_id"])
    op.create_index("ix_event_received_at", "event", ["received_at"])
    op.create_index("ix_event_run_id", "event", ["run_id"])
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("changes_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cursor", sa.String(length=500), nullable=True),
        sa.Column("reading_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("night_read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=32), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_inbox_environment_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("environment_id", name="uq_inbox_environment_id"),
    )
    with op.batch_alter_table("link") as link:
        link.add_column(sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
        link.add_column(sa.Column("merged_into", sa.String(length=120), nullable=True))
        link.create_index("ix_link_environment_id_merged_into", ["environment_id", "merged_into"])


def downgrade() -> None:
    with op.batch_alter_table("link") as link:
        link.drop_index("ix_link_environment_id_merged_into")
        link.drop_column("merged_into")
        link.drop_column("deleted_at")
    op.drop_table("inbox")
    op.drop_table("event")
