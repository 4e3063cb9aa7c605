"""Save what a person changed on a contact's screen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from spotler_plugin.models import Environment, RunKind, Source
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.consent.acts import NO_GROUNDS, record_acts
from spotler_plugin.services.contact.waiting import Waits, take_along, waiting_for
from spotler_plugin.services.enrolment.request import (
    decide_enrolment,
    request_enrolments,
)
from spotler_plugin.services.run.create import create_run


def save_contact(
    owner: Environment,
    contact_id: str,
    *,
    actor: Actor,
    request_token: UUID,
    permissions: Mapping[int, bool],
    automations: Collection[int],
    grounds: Mapping[int, str] = NO_GROUNDS,
    take_over: bool = False,
    seen: Mapping[int, bool] | None = None,
) -> UUID:
    """Record what a person changed on this screen, in a run of one contact.

    `grounds` are by permission, as `permissions` is. `seen` are the permissions as the screen
    showed them: where Spotler has others by then, nothing is saved, and the person is asked again.
    What was saved before, and waits, goes along, and is changed by this.
    Does not commit: the caller does, and then enqueues the run.
    """
    waits = waiting_for(owner.id, contact_id)
    created, is_new = create_run(
        owner.id,
        [contact_id],
        kind=RunKind.CONTACT,
        source=Source.MODAL,
        actor=actor,
        request_token=request_token,
        take_over=take_over or waits.take_over,
        seen=_comparable(seen, waits),
    )
    if is_new:
        take_along(created, contact_id, waits, permissions)
        record_acts(created, contact_id, permissions, grounds)
        request_enrolments(created, contact_id, automations)
    return created.id


def decide_start(
    owner: Environment,
    contact_id: str,
    enrolment_id: UUID,
    *,
    started: bool,
    actor: Actor,
    request_token: UUID,
) -> UUID | None:
    """Decide on a start whose outcome is unknown: it was `started`, or it is started again.

    Returns the run that starts it again, for the caller to commit and enqueue. Does nothing
    when the outcome is known by now.
    """
    automation_id = decide_enrolment(owner.id, contact_id, enrolment_id, started=started)
    if automation_id is None or started:
        return None
    return save_contact(
        owner,
        contact_id,
        actor=actor,
        request_token=request_token,
        permissions={},
        automations=[automation_id],
    )


def _comparable(seen: Mapping[int, bool] | None, waits: Waits) -> Mapping[int, bool] | None:
    """Return what the screen showed of what Spotler has: what waits was shown as it was asked."""
    if seen is None:
        return None
    return {bit: enabled for bit, enabled in seen.items() if bit not in waits.bits}
