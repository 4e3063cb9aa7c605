"""What became of the contacts of a run, in the screen's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spotler_plugin.blueprints.run.changes import Labels, Step, not_back, steps_of
from spotler_plugin.embedding import Session
from spotler_plugin.models import MAY_BE_RETRIED, Outcome
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import FOR_SCREEN, FOR_SPOTLER, Reason
from spotler_plugin.services.run.items import Cause, ItemView
from spotler_plugin.wording.contact.lag import closed_points
from spotler_plugin.wording.runs import left_out, outcome_text, parted
from spotler_plugin.wording.text import Text, technical

BEYOND_RETRY = FOR_SPOTLER | FOR_SCREEN


@dataclass(frozen=True, slots=True)
class Shown:
    """A contact of a run, in the screen's words."""

    item: ItemView
    text: Text | None
    points: list[Text]
    steps: list[Step]
    may_retry: bool
    may_undo: bool
    details: str
    """The code and message of the other side, where no sentence has them."""


@dataclass(frozen=True, slots=True)
class ShownCause:
    """Why some contacts were not written; `chosen` picks them."""

    cause: Cause
    text: Text | None
    chosen: dict[str, Any]
    may_retry: bool
    details: str


def shown_cause(session: Session, cause: Cause, may_retry: bool) -> ShownCause:
    """Why some contacts were not written."""
    detail = Detail(message=cause.message)
    text = outcome_text(cause.outcome, cause.reason, detail, session.environment.name)
    chosen = {"outcome": cause.outcome, "reason": cause.reason or "", "message": cause.message}
    may_retry = may_retry and cause.reason not in BEYOND_RETRY
    return ShownCause(cause, text, chosen, may_retry, technical(detail))


def shown_item(
    session: Session,
    item: ItemView,
    labels: Labels,
    may_retry: bool = False,
    may_undo: bool = False,
) -> Shown:
    """What became of a contact."""
    crm_name = session.environment.name
    reason = item.reason or (Reason.UNEXPECTED if item.outcome is Outcome.FAILED else None)
    return Shown(
        item=item,
        text=outcome_text(item.outcome, reason, item.detail, crm_name),
        points=closed_points(item.closed, crm_name)
        + left_out(item.detail, crm_name)
        + parted(item.detail)
        + not_back(item.detail, labels, crm_name),
        steps=steps_of(item, labels, crm_name),
        may_retry=may_retry and item.outcome in MAY_BE_RETRIED and reason not in BEYOND_RETRY,
        may_undo=may_undo and item.is_changed,
        details=technical(item.detail),
    )
