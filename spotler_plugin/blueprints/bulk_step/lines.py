"""The lines of a bulk mutation's plan: what changes in the CRM, is switched, and is started."""

from __future__ import annotations

from dataclasses import dataclass

from spotler_plugin.blueprints.run.changes import labels_of
from spotler_plugin.embedding import Session
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.tally import Started, Switched, Tally
from spotler_plugin.services.mutation import automation_labels, mutable_fields
from spotler_plugin.wording.adjustments import field_lines


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """What becomes of one permission, in numbers."""

    label: str
    enabled: bool
    counts: dict[str, int]

    @property
    def done(self) -> int:
        return self.counts.get(Switched.DONE, 0)

    @property
    def already(self) -> int:
        return self.counts.get(Switched.ALREADY, 0)

    @property
    def signed_off(self) -> int:
        return self.counts.get(Switched.SIGNED_OFF, 0)

    @property
    def blocked(self) -> int:
        return self.counts.get(Switched.BLOCKED, 0)


@dataclass(frozen=True, slots=True)
class StartLine:
    """What becomes of one automation, in numbers."""

    label: str
    counts: dict[str, int]

    @property
    def starts(self) -> int:
        return self.counts.get(Started.STARTS, 0)

    @property
    def already(self) -> int:
        return self.counts.get(Started.ALREADY, 0)

    @property
    def blocked(self) -> int:
        return self.counts.get(Started.BLOCKED, 0)


def crm_lines(session: Session, asked: Adjustment) -> list[str]:
    """What changes in the CRM, for each of the contacts."""
    return field_lines(mutable_fields(session.environment.id), asked)


def switch_lines(session: Session, asked: Adjustment, tally: Tally) -> tuple[SwitchLine, ...]:
    """What becomes of each permission that is switched."""
    labels = labels_of(session.environment.id).permissions
    return tuple(
        SwitchLine(labels.get(bit, str(bit)), enabled, tally.switched_by.get(str(bit), {}))
        for bit, enabled in asked.permissions.items()
        if bit in labels
    )


def start_lines(session: Session, tally: Tally) -> tuple[StartLine, ...]:
    """What becomes of each automation that is started."""
    labels = automation_labels(session.environment.id, [int(id_) for id_ in tally.started_by])
    return tuple(
        StartLine(labels[int(id_)], counts)
        for id_, counts in tally.started_by.items()
        if int(id_) in labels
    )
