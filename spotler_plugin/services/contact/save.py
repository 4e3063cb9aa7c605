"""Save what a person changed on a contact's screen."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from spotler_plugin.models import Environment, RunKind, Source
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.consent.acts import record_acts
from spotler_plugin.services.enrolment.request import (
    decide_enrolment,
    find_unknown_enrolment,
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
    take_over: bool = False,
) -> UUID:
    """Record what a person changed on this screen, with a run of one that carries it out.

    Does not commit: the caller does, and then enqueues the run.
    """
    created, is_new = create_run(
        owner.id,
        [contact_id],
        kind=RunKind.CONTACT,
        source=Source.MODAL,
        actor=actor,
        request_token=request_token,
        take_over=take_over,
    )
    if is_new:
        record_acts(created, contact_id, permissions)
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
    """Settle an automation start of unknown end: it was started, or else it is started anew.

    Returns the run that starts it anew, to commit and enqueue. Does nothing to one that is
    not, or no longer, unknown.
    """
    unknown = find_unknown_enrolment(owner.id, contact_id, enrolment_id)
    if unknown is None:
        return None
    decide_enrolment(unknown, started=started)
    if started:
        return None
    return save_contact(
        owner,
        contact_id,
        actor=actor,
        request_token=request_token,
        permissions={},
        automations=[unknown.automation_id],
    )
