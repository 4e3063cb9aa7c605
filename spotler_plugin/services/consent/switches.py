"""The permissions of one contact as the modal shows them, and who last switched each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, MirrorContact, Source
from spotler_plugin.services.catalogue.permissions import listed_permissions


@dataclass(frozen=True, slots=True)
class PermissionSwitch:
    """A permission as the modal shows it."""

    bit: int
    description: str
    enabled: bool
    changed_at: datetime | None
    changed_by: str | None
    source: Source | None
    """Where the last switch came from, if known."""


def permission_switches(
    environment_id: int, contact_id: str, mirror: MirrorContact | None
) -> list[PermissionSwitch]:
    """Return all permissions of the account, in its order, with this contact's state."""
    last: dict[int, Act] = {}
    for act in db.session.scalars(
        select(Act)
        .where(
            Act.environment_id == environment_id,
            Act.contact_id == contact_id,
            Act.applied_at.is_not(None),
        )
        .order_by(Act.at, Act.id)
    ):
        last[act.bit] = act
    switches = []
    for permission in listed_permissions(environment_id):
        enabled = bool(mirror and mirror.permissions.get(permission.bit, False))
        latest = last.get(permission.bit)
        # Happens when it was switched in Spotler since: then the act does not explain the state.
        known = latest if latest is not None and latest.enabled is enabled else None
        switches.append(
            PermissionSwitch(
                bit=permission.bit,
                description=permission.description,
                enabled=enabled,
                changed_at=known.at if known else None,
                changed_by=known.actor_name if known else None,
                source=known.source if known else None,
            )
        )
    return switches
