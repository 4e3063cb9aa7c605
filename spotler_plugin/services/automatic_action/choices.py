"""What an automatic action can switch and start, and what it does that has vanished since."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select

from spotler_plugin.extensions import db
from spotler_plugin.models import AutomaticAction, Automation, Environment, Field, Permission
from spotler_plugin.planning.adjustment import NOTE, Adjustment, Skipped
from spotler_plugin.planning.mapping import CONTACT


@dataclass(frozen=True, slots=True)
class Choice:
    """A permission, by its bit, or an automation, by its id."""

    key: int
    label: str
    gone: bool
    """Spotler no longer has it; it is shown because the action uses it."""


@dataclass(frozen=True, slots=True)
class Choices:
    permissions: tuple[Choice, ...]
    automations: tuple[Choice, ...]
    takes_notes: bool
    """Whether the CRM has a field for notes."""


def choices_of(environment_id: int, adjustment: Adjustment) -> Choices:
    """Return everything that exists now, and besides what the adjustment uses."""
    permissions = db.session.scalars(
        select(Permission)
        .where(Permission.environment_id == environment_id)
        .order_by(Permission.position, Permission.id)
    )
    automations = db.session.scalars(
        select(Automation)
        .where(Automation.environment_id == environment_id)
        .order_by(Automation.kind, Automation.origin, Automation.position, Automation.id)
    )
    note = select(Field.id).where(
        Field.environment_id == environment_id,
        Field.entity == CONTACT,
        Field.name == NOTE,
        Field.gone_at.is_(None),
    )
    return Choices(
        permissions=tuple(
            Choice(each.bit, each.description, each.gone_at is not None)
            for each in permissions
            if each.gone_at is None or each.bit in adjustment.switches
        ),
        automations=tuple(
            Choice(each.id, each.label, each.gone_at is not None or not each.active)
            for each in automations
            if (each.gone_at is None and each.active) or each.id in adjustment.automations
        ),
        takes_notes=db.session.scalar(note) is not None,
    )


def skipped_of(environment_id: int, adjustment: Adjustment) -> Skipped:
    """Return what the adjustment would switch or start, and Spotler no longer has."""
    permissions = {
        bit: (label, gone_at is not None)
        for bit, label, gone_at in db.session.execute(
            select(Permission.bit, Permission.description, Permission.gone_at).where(
                Permission.environment_id == environment_id,
                Permission.bit.in_(adjustment.switches),
            )
        )
    }
    automations = db.session.scalars(
        select(Automation)
        .where(
            Automation.environment_id == environment_id,
            Automation.id.in_(adjustment.automations),
        )
        .order_by(Automation.id)
    ).all()
    return Skipped(
        permissions=tuple(
            (bit, permissions.get(bit, (str(bit), True))[0])
            for bit in sorted(adjustment.switches)
            if permissions.get(bit, ("", True))[1]
        ),
        automations=tuple((one.id, one.label) for one in automations if one.gone_at is not None),
        inactive=tuple(
            (one.id, one.label) for one in automations if one.gone_at is None and not one.active
        ),
    )


def is_of_former_account(action: AutomaticAction, owner: Environment) -> bool:
    """Return whether it was last saved for a Spotler account that was replaced since."""
    return owner.account_since is not None and action.changed_at < owner.account_since


def adjustment_now(action: AutomaticAction, owner: Environment) -> Adjustment:
    """Return what the action does; in another account its permissions would be others."""
    if is_of_former_account(action, owner):
        return replace(action.adjustment, switches={}, automations=())
    return action.adjustment
