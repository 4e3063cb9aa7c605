"""What is seen in Spotler, and we did not write: who signed off there, and who came back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, insert, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import UNDER_WAY, Act, Outcome, Run, RunItem, RunKind, Source
from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.consent.holders import hold
from spotler_plugin.sql import among

BOUNCE = "bounce"
"""The ground of what no person switched off: mail to the address came back."""

LATE = timedelta(hours=1)
"""So long after its end a write of ours, cut off, may still arrive."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A permission, or all of them (`EVERYTHING`), switched in Spotler: by the recipient, by a user
    there, or by Spotler itself."""

    contact_id: str
    bit: int
    enabled: bool
    at: datetime
    address: str = ""
    """The address that it was switched with."""
    ground: str | None = None

    @property
    def key(self) -> tuple[str, int, bool]:
        return self.contact_id, self.bit, self.enabled


def note_sightings(environment_id: int, found: Sequence[Sighting]) -> None:
    """Record what was seen as acts, with Spotler as their source; known since now.

    What a write of ours did is none. When the answer to that write was lost, this is how we hear of
    it: the act took effect.
    """
    if not found:
        return
    now = datetime.now(UTC)
    own = _writes_of_ours(environment_id, found)
    effective = [act_id for act_id in own.values() if act_id is not None]
    if effective:
        db.session.execute(
            update(Act)
            .where(Act.environment_id == environment_id, Act.id.in_(effective))
            .values(applied_at=now),
            execution_options={"synchronize_session": False},
        )
    digests = digests_of(environment_id, (each.address for each in found))
    acts = [
        {
            "environment_id": environment_id,
            "contact_id": each.contact_id,
            "bit": each.bit,
            "enabled": each.enabled,
            "at": each.at,
            "source": Source.SPOTLER,
            "ground": each.ground,
            "applied_at": now,
            "address_digest": digests.get(each.address),
        }
        for each in found
        if each.key not in own
    ]
    if acts:
        db.session.execute(insert(Act), acts)
    held = [(each.contact_id, digests.get(each.address)) for each in found]
    hold(environment_id, held, now)


def _writes_of_ours(
    environment_id: int, found: Collection[Sighting]
) -> dict[tuple[str, int, bool], int | None]:
    """Return what writes of ours explain, that left for Spotler and whose end nobody knew; with the
    act, where there is one that did not count yet.

    That is told by the item: it has the image of what was sent. To explain a sign-off it is open:
    what was refused, given up or cancelled explains none. That the contact came back is its own
    doing only where no write of ours can have arrived late.
    """
    rows = db.session.execute(
        select(
            RunItem.contact_id,
            RunItem.after,
            and_(RunItem.outcome == Outcome.OPEN, Run.state.in_(UNDER_WAY)),
            Run.kind,
            Act.id,
            Act.bit,
            Act.enabled,
        )
        .join(Run, Run.id == RunItem.run_id)
        .outerjoin(
            Act,
            and_(
                Act.environment_id == RunItem.environment_id,
                Act.run_id == RunItem.run_id,
                Act.contact_id == RunItem.contact_id,
                Act.applied_at.is_(None),
            ),
        )
        .where(
            RunItem.environment_id == environment_id,
            Run.environment_id == environment_id,
            among(RunItem.contact_id, {each.contact_id for each in found}),
            RunItem.after.is_not(None),
            or_(
                RunItem.outcome == Outcome.OPEN,
                and_(
                    RunItem.settled_at >= datetime.now(UTC) - LATE,
                    or_(RunItem.attempts > 0, Act.id.is_not(None)),
                ),
            ),
        )
    )
    wanted = {each.key for each in found}
    own: dict[tuple[str, int, bool], int | None] = {}
    for contact_id, sent, is_open, kind, act_id, bit, enabled in rows:
        written = dict(sent.permissions) if sent else {}
        if kind is RunKind.PARTING:
            # It may be closed as well, and then its image does not say so.
            written[EVERYTHING] = False
        for each, value in written.items():
            key = contact_id, each, value
            if key in wanted and (value or is_open):
                own.setdefault(key, None)
                if (bit, enabled) == (each, value):
                    own[key] = act_id
    return own
