"""After the database was put back from a copy: what waited in the copy may have been done since.

A switch, an automation or a note that was carried out after the copy was made waits in it again.
Done once more it would start an automation twice, or sign somebody on who signed off meanwhile. So
all that a person or an action asked is held, and a person looks. What only brings the CRM's current
values to Spotler does no harm, and goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, update
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    REPEATABLE,
    STILL_OPEN,
    UNDER_WAY,
    Enrolment,
    EnrolmentState,
    Environment,
    Event,
    EventOutcome,
    EventType,
    Firing,
    FiringState,
    Run,
    RunState,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backup.turn import begin_anew
from spotler_plugin.services.drift.request import stop_comparing
from spotler_plugin.services.environment import all_environments
from spotler_plugin.services.feed.state import ask_full_reading, ask_who_is_known

log = get_logger()


@dataclass(frozen=True, slots=True)
class Held:
    """How much of an environment waits for a person."""

    environment: str
    runs: int
    """Stopped; they are not tried again."""
    automations: int
    """Of which nobody knows whether they were started."""
    actions: int
    """Firings of automatic actions."""
    events: int
    """By which automatic actions would fire."""

    @property
    def is_anything(self) -> bool:
        return bool(self.runs or self.automations or self.actions or self.events)


def hold_everything() -> list[Held]:
    """Hold what waits in all environments, disabled ones too; what was held stays so."""
    return [_hold(environment) for environment in all_environments()]


def _hold(environment: Environment) -> Held:
    environment.restored_at = now = datetime.now(UTC)
    id_ = environment.id
    runs = _update(
        Run,
        (Run.environment_id == id_, Run.state.in_(UNDER_WAY), Run.kind.not_in(REPEATABLE)),
        state=RunState.OPEN,
        halted_because=None,
        enqueued_at=None,
        cancel_asked_at=now,
    )
    automations = _update(
        Enrolment,
        (Enrolment.environment_id == id_, Enrolment.state.in_(STILL_OPEN)),
        state=EnrolmentState.UNKNOWN,
        settled_at=now,
    )
    actions = _update(
        Firing,
        (Firing.environment_id == id_, Firing.state == FiringState.OPEN),
        state=FiringState.FAILED,
        reason=Reason.RESTORED,
        finished_at=now,
    )
    triggers = (Event.type == EventType.ACTION_TRIGGERED, Event.outcome == EventOutcome.WAITING)
    events = _update(
        Event,
        (Event.environment_id == id_, *triggers),
        outcome=EventOutcome.FAILED,
        reason=Reason.RESTORED,
    )
    # What was read until the copy was made, and what is read now, are of two times.
    begin_anew(id_)
    stop_comparing(id_)
    # Who signed off, or was linked, since the copy was made.
    ask_full_reading(id_)
    ask_who_is_known(id_)
    held = Held(environment.key, runs, automations, actions, events)
    log.warning("environment.restored", environment=id_, runs=runs, automations=automations)
    return held


def _update(
    model: type[Run] | type[Enrolment] | type[Firing] | type[Event],
    where: tuple[ColumnElement[bool], ...],
    **values: Any,
) -> int:
    """Update the rows; return how many there were."""
    changed = db.session.execute(
        update(model).where(*where).values(**values).returning(model.id),
        execution_options={"synchronize_session": False},
    )
    return len(changed.all())
