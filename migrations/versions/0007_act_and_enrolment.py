"""Make the acts, who switched which permission for whom, and the starts of automations.

Acts are proof of consent: nothing changes in them but the moment when Spotler took them, and they
stay when the run that carried them out is gone. An enrolment is one start of one automation for
one contact in one run; it exists before the call to Spotler, so that at most one ever leaves. Of
those that were or may be started a partial unique index allows one for each contact and automation.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=120), nullable=False),
        sa.Column("bit", sa.BigInteger(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.String(length=200), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=True),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_act"),
        sa.ForeignKeyConstraint(
            ["environment_id"], ["environment.id"], name="fk_act_environment_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_act_run_id", ondelete="SET NULL"),
    )
    op.create_index(
        "ix_act_environment_id_contact_id_bit_at",
        "act",
        ["environment_id", "contact_id", "bit", "at"],
    )
    op.create_index("ix_act_run_id", "act", ["run_id"])
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.String(length=120), nullable=False),
        sa.Column("automation_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("actor_id", sa.String(length=200), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_enrolment"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_enrolment_environment_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["automation_id"],
            ["automation.id"],
            name="fk_enrolment_automation_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["run.id"], name="fk_enrolment_run_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "run_id",
            "contact_id",
            "automation_id",
            name="uq_enrolment_run_id_contact_id_automation_id",
        ),
    )
    op.create_index(
        "ix_enrolment_environment_id_contact_id_automation_id",
        "enrolment",
        ["environment_id", "contact_id", "automation_id"],
    )
    op.create_index("ix_enrolment_state_left_at", "enrolment", ["state", "left_at"])
    enrolled = sa.text("state IN ('leaving', 'started', 'unknown', 'waiting')")
    op.create_index(
        "uq_enrolment_enrolled",
        "enrolment",
        ["environment_id", "contact_id", "automation_id"],
        unique=True,
        postgresql_where=enrolled,
        sqlite_where=enrolled,
    )


def downgrade() -> None:
    op.drop_table("enrolment")
    op.drop_table("act")
