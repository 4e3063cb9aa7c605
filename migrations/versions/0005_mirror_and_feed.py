"""Make the mirror, what Spotler last told us of its contacts, and the feed that keeps it fresh.

Spotler answers a few calls a second only, so what changes is worked out from the mirror. Contacts
that are not ours are in it too: one of them may have the address that one of ours is to get. The
feed holds how far Spotler's changes and bounces were read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "mirror_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=120), nullable=True),
        sa.Column("encrypted_id", sa.String(length=120), nullable=True),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.Column("properties", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_changed", sa.DateTime(timezone=True), nullable=True),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("doubted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_mirror_contact"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_mirror_contact_environment_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "environment_id", "encrypted_id", name="uq_mirror_contact_environment_id_encrypted_id"
        ),
        sa.UniqueConstraint(
            "environment_id", "external_id", name="uq_mirror_contact_environment_id_external_id"
        ),
    )
    op.create_index(
        "ix_mirror_contact_environment_id_address", "mirror_contact", ["environment_id", "address"]
    )
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("environment_id", sa.Integer(), nullable=False),
        sa.Column("updates_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounces_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("full_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("full_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("full_finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(length=32), nullable=True),
        sa.Column("error_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_feed"),
        sa.ForeignKeyConstraint(
            ["environment_id"],
            ["environment.id"],
            name="fk_feed_environment_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("environment_id", name="uq_feed_environment_id"),
    )


def downgrade() -> None:
    op.drop_table("feed")
    op.drop_table("mirror_contact")
