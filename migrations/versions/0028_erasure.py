"""Erase a contact on request, know it again by keyed digests only, and keep nothing for ever.

Nobody was erased until now, and of no run anything is gone.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    _create_erasure()
    _create_retention()
    with op.batch_alter_table("link") as table:
        table.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("run") as table:
        for name in ("images_gone_at", "items_gone_at"):
            table.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
            table.create_index(
                op.f(f"ix_run_environment_id_{name}_finished_at"),
                ["environment_id", name, "finished_at"],
            )


def downgrade() -> None:
    with op.batch_alter_table("run") as table:
        for name in ("items_gone_at", "images_gone_at"):
            table.drop_index(op.f(f"ix_run_environment_id_{name}_finished_at"))
            table.drop_column(name)
    with op.batch_alter_table("link") as table:
        table.drop_column("erased_at")
    op.drop_table("retention")
    op.drop_table("erased_mark")
    op.drop_table("erasure")


def _create_erasure() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.String(120), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("actor_id", sa.String(200), nullable=True),
        sa.Column("actor_name", sa.String(200), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(32), nullable=True),
        sa.Column("remains", sa.LargeBinary(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("anonymised", sa.Integer(), nullable=False),
        sa.Column("left_there", sa.Integer(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.String(200), nullable=True),
        sa.Column("lifted_by_name", sa.String(200), nullable=True),
        *_queued("erasure"),
    )
    for columns in (
        ["environment_id", "contact_id"],
        ["environment_id", "asked_at"],
        ["state", "due_at"],
    ):
        op.create_index(op.f(f"ix_erasure_{'_'.join(columns)}"), "erasure", columns)
    op.create_table(
        "erased_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.String(120), nullable=True),
        sa.Column("address_digest", sa.String(64), nullable=True),
        *_owned("erased_mark"),
        sa.ForeignKeyConstraint(
            ["erasure_id"],
            ["erasure.id"],
            name=op.f("fk_erased_mark_erasure_id"),
            ondelete="CASCADE",
        ),
    )
    for columns in (
        ["environment_id", "contact_id"],
        ["environment_id", "address_digest"],
        ["erasure_id"],
    ):
        op.create_index(op.f(f"ix_erased_mark_{'_'.join(columns)}"), "erased_mark", columns)


def _create_retention() -> None:
    kept = ("acts", "items", "images", "events", "previews", "drifts")
    op.create_table(
        "retention",
        sa.Column("id", sa.Integer(), nullable=False),
        *[sa.Column(f"{each}_days", sa.Integer(), nullable=False) for each in kept],
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("acts_after", sa.Integer(), nullable=False),
        sa.Column("enforced_at", sa.DateTime(timezone=True), nullable=True),
        *_queued("retention"),
        sa.UniqueConstraint("environment_id", name=op.f("uq_retention_environment_id")),
    )


def _queued(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *_owned(table),
    ]


def _owned(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name=op.f(f"fk_{table}_environment_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]
