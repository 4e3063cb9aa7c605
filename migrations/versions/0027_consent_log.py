"""Let acts be searched by moment, and contacts by name.

An environment has a million acts and more: the index holds all that a search without a contact
looks at, in the order in which it is shown. Names are in the properties, where only all of them
can be read; so the mirror keeps each name once more, as it is looked for.
"""

from __future__ import annotations

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

AT_ONCE = 1000
MIRROR = sa.table(
    "mirror_contact",
    sa.column("id", sa.Integer),
    sa.column("properties", sa.JSON),
    sa.column("bare_name", sa.String),
)


def upgrade() -> None:
    op.create_index(
        "ix_act_environment_id_at_id_bit_source",
        "act",
        ["environment_id", "at", "id", "bit", "source"],
    )
    op.add_column("mirror_contact", sa.Column("bare_name", sa.String(length=300), nullable=True))
    _fill(op.get_bind())
    op.create_index(
        "ix_mirror_contact_environment_id_bare_name",
        "mirror_contact",
        ["environment_id", "bare_name"],
    )


def downgrade() -> None:
    op.drop_index("ix_mirror_contact_environment_id_bare_name", "mirror_contact")
    op.drop_column("mirror_contact", "bare_name")
    op.drop_index("ix_act_environment_id_at_id_bit_source", "act")


def _fill(connection: sa.Connection) -> None:
    """Keep the names that are there, some contacts at a time."""
    some = sa.select(MIRROR.c.id, MIRROR.c.properties).order_by(MIRROR.c.id).limit(AT_ONCE)
    named = sa.update(MIRROR).where(MIRROR.c.id == sa.bindparam("row"))
    after = 0
    while rows := connection.execute(some.where(MIRROR.c.id > after)).all():
        after = rows[-1][0]
        names = [{"row": id_, "bare_name": _bare_name(properties)} for id_, properties in rows]
        connection.execute(named, names)


def _bare_name(properties: dict[str, object]) -> str | None:
    parts = (properties.get(each) for each in ("firstName", "infix", "lastName"))
    apart = unicodedata.normalize("NFKD", " ".join(str(each) for each in parts if each))
    plain = "".join(each for each in apart if not unicodedata.combining(each))
    return " ".join(plain.casefold().split())[:300] or None
