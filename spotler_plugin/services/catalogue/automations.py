"""The automations that a contact can be enrolled in: listed by Spotler, or typed in by code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select

from spotler_plugin import spotler
from spotler_plugin.extensions import db
from spotler_plugin.models import Automation, AutomationKind, AutomationOrigin
from spotler_plugin.services.environment import lock_environment


class NoTriggerCode(ValueError):
    """A trigger code is a UUID (spotler-api.md §2.5 [D])."""


class AlreadyThere(Exception):
    """This trigger code is in the list already."""


def listed_automations(environment_id: int) -> Sequence[Automation]:
    """Return those that exist now, automations before campaigns, in Spotler's order."""
    return db.session.scalars(
        select(Automation)
        .where(Automation.environment_id == environment_id, Automation.gone_at.is_(None))
        .order_by(Automation.kind, Automation.origin, Automation.position, Automation.id)
    ).all()


def add_automation(environment_id: int, label: str, code: str) -> Automation:
    """Add an automation by its trigger code. Raises NoTriggerCode or AlreadyThere."""
    code = _trigger_code(code)
    # It is entered twice at once, or listed by Spotler at this moment.
    lock_environment(environment_id)
    row = _of_kind(environment_id, AutomationKind.AUTOMATION).get(code)
    if row is not None and row.gone_at is None:
        raise AlreadyThere(row.label)
    if row is None:
        row = Automation(environment_id=environment_id, kind=AutomationKind.AUTOMATION, code=code)
        db.session.add(row)
    row.origin, row.label, row.active, row.gone_at = AutomationOrigin.TYPED, label, True, None
    db.session.flush()
    return row


def remove_automation(environment_id: int, automation_id: int) -> bool:
    """Remove an automation that was typed in; starts of it stay in the history."""
    row = db.session.scalar(
        select(Automation).where(
            Automation.environment_id == environment_id,
            Automation.id == automation_id,
            Automation.origin == AutomationOrigin.TYPED,
            Automation.gone_at.is_(None),
        )
    )
    if row is None:
        return False
    row.gone_at = datetime.now(UTC)
    return True


def take_over_automations(
    environment_id: int,
    automations: Sequence[spotler.Automation] | None,
    campaigns: Sequence[spotler.Campaign] | None,
) -> None:
    """Store what Spotler lists; None is a list that could not be read, and changes nothing."""
    if automations is not None:
        _keep(environment_id, AutomationKind.AUTOMATION, _triggers(automations))
    if campaigns is not None:
        # Only active ones that can be started, through their first trigger [C].
        startable = [campaign for campaign in campaigns if campaign.active and campaign.triggers]
        _keep(
            environment_id,
            AutomationKind.CAMPAIGN,
            {each.triggers[0].encrypted_id: (each.name, True) for each in startable},
        )


def _triggers(automations: Sequence[spotler.Automation]) -> dict[str, tuple[str, bool]]:
    """Return trigger code to label and whether it is active; one code may start several."""
    found: dict[str, tuple[str, bool]] = {}
    for automation in automations:
        for trigger in automation.triggers:
            several = len(automation.triggers) > 1 and trigger.name
            label = f"{automation.name} · {trigger.name}" if several else automation.name
            before, active = found.get(trigger.code, ("", False))
            joined = f"{before} + {label}" if before else label
            found[trigger.code] = (joined, active or automation.active)
    return found


def _keep(environment_id: int, kind: AutomationKind, found: dict[str, tuple[str, bool]]) -> None:
    """Store a list: mark what vanished, but keep what was typed in."""
    known = _of_kind(environment_id, kind)
    for position, (code, (label, active)) in enumerate(found.items()):
        if len(code) > 120:
            continue
        row = known.pop(code, None) or Automation(
            environment_id=environment_id, kind=kind, code=code
        )
        row.origin, row.position, row.gone_at = AutomationOrigin.LISTED, position, None
        row.label, row.active = label, active
        db.session.add(row)
    for row in known.values():
        if row.origin is AutomationOrigin.LISTED:
            row.gone_at = row.gone_at or datetime.now(UTC)


def _of_kind(environment_id: int, kind: AutomationKind) -> dict[str, Automation]:
    rows = db.session.scalars(
        select(Automation).where(
            Automation.environment_id == environment_id, Automation.kind == kind
        )
    )
    return {row.code: row for row in rows}


def _trigger_code(code: str) -> str:
    """Return a trigger code as Spotler shows it: 8-4-4-4-12, lower case."""
    try:
        canonical = str(UUID(code.strip()))
    except ValueError as error:
        raise NoTriggerCode from error
    if canonical != code.strip().lower():
        raise NoTriggerCode
    return canonical
