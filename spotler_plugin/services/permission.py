"""Permissions of one contact: what they are, who switched them, and acts that switch them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, MirrorContact, Permission, Run, Source


@dataclass(frozen=True, slots=True)
class PermissionSwitch:
    """A permission as the modal shows it."""

    bit: int
    description: str
    enabled: bool
    changed_at: datetime | None
    changed_by: str | None
    source: Source | None
    """From where it was last switched to what it is, if we know."""


def switches(
    environment_id: int, contact_id: str, mirror: MirrorContact | None
) -> list[PermissionSwitch]:
    """All permissions of the account, in its own order, with this contact's state."""
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
    for permission in _permissions(environment_id):
        enabled = bool(mirror and mirror.permissions.get(str(permission.bit), False))
        latest = last.get(permission.bit)
        # An act that no longer says what is (it was switched in Spotler since) explains nothing.
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


def act(run: Run, contact_id: str, permissions: Mapping[int, bool]) -> None:
    """Record what the run's actor switched; bits that the account does not have are not acts."""
    bits = {permission.bit for permission in _permissions(run.environment_id)}
    for bit in sorted(permissions.keys() & bits):
        db.session.add(
            Act(
                environment_id=run.environment_id,
                contact_id=contact_id,
                bit=bit,
                enabled=permissions[bit],
                at=datetime.now(UTC),
                actor_id=run.actor_id,
                actor_name=run.actor_name,
                source=run.source,
                run_id=run.id,
            )
        )


def labels(environment_id: int) -> dict[int, str]:
    """What the account calls its permissions, by bit."""
    return {each.bit: each.description for each in _permissions(environment_id)}


def _permissions(environment_id: int) -> list[Permission]:
    return list(
        db.session.scalars(
            select(Permission)
            .where(Permission.environment_id == environment_id, Permission.gone_at.is_(None))
            .order_by(Permission.position, Permission.id)
        )
    )
