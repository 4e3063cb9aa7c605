"""The account's permissions as they were last read."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from spotler_plugin.extensions import db
from spotler_plugin.models import Permission

_LISTED = (
    select(Permission)
    .where(Permission.environment_id == bindparam("owner"), Permission.gone_at.is_(None))
    .order_by(Permission.position, Permission.id)
)


def listed_permissions(environment_id: int) -> list[Permission]:
    return list(db.session.scalars(_LISTED, {"owner": environment_id}))


def permission_labels(environment_id: int) -> dict[int, str]:
    """Return the account's labels of its permissions, by bit."""
    return {each.bit: each.description for each in listed_permissions(environment_id)}


def every_permission_label(environment_id: int) -> dict[int, str]:
    """Return the labels of all permissions, by bit, also of those that the account has no more."""
    rows = db.session.execute(
        select(Permission.bit, Permission.description)
        .where(Permission.environment_id == environment_id)
        .order_by(Permission.gone_at.is_not(None), Permission.position, Permission.id)
    )
    return {bit: description for bit, description in rows}
