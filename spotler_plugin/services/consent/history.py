"""What happened to the permissions of persons, as `planning/consent` reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import TAKING_BACK, UNDER_WAY, Act, Run, Source
from spotler_plugin.planning.consent import Other, Switching
from spotler_plugin.services.consent.person import Addresses, Kin, same_person
from spotler_plugin.services.consent.setting import allows_again
from spotler_plugin.sql import among

# Made once: making a statement takes as long as executing it, and each modal asks for this.
_ACTS = (
    select(Act)
    .outerjoin(Run, Run.id == Act.run_id)
    .where(
        Act.environment_id == bindparam("owner"),
        among(Act.contact_id, "contacts"),
        or_(Act.applied_at.is_not(None), Run.state.in_(UNDER_WAY)),
    )
)
"""The acts that took effect, and those of open runs, which still may."""


@dataclass(frozen=True, slots=True)
class Histories:
    """The acts of some contacts and of who is the same person."""

    acts: Mapping[int, Act]
    by_contact: Mapping[str, Sequence[Act]]
    kin: Mapping[str, Sequence[Kin]]
    allows_again: bool
    """Whether a person may switch on what a contact signed off from."""

    def of(self, contact_id: str, but: UUID | None = None) -> tuple[list[Switching], list[Other]]:
        """Return what happened to a contact, but for what a run asks, and under its other ids."""
        acts = self.by_contact.get(contact_id, ())
        own = [act for act in acts if but is None or act.run_id != but]
        others = [
            Other(
                [
                    self.switching(act)
                    for act in self.by_contact.get(each.contact_id, ())
                    if each.until is None or act.at <= each.until
                ],
                each.since,
            )
            for each in self.kin.get(contact_id, ())
        ]
        return [self.switching(act) for act in own], others

    def asked(self, contact_id: str, run_id: UUID) -> list[Switching]:
        """Return what a run asks."""
        acts = self.by_contact.get(contact_id, ())
        return [self.switching(act) for act in acts if act.run_id == run_id]

    def switching(self, act: Act) -> Switching:
        is_personal = act.source is Source.MODAL
        return Switching(
            act.bit,
            act.enabled,
            act.at,
            personal=is_personal,
            lifts=is_personal and self.allows_again and bool(act.ground),
            pending=act.applied_at is None,
            takes_back=act.source in TAKING_BACK,
            seen_at=act.applied_at if act.source is Source.SPOTLER else None,
            id=act.id,
        )


def read_histories(
    environment_id: int,
    addresses: Addresses,
    kin: Mapping[str, Sequence[Kin]] | None = None,
) -> Histories:
    """Read what happened to these contacts; `kin` says who is the same person, if not all are."""
    kin = same_person(environment_id, addresses) if kin is None else kin
    ids = addresses.keys() | {each.contact_id for those in kin.values() for each in those}
    found = db.session.scalars(_ACTS, {"owner": environment_id, "contacts": ids})
    # As they were recorded: a database returns them in any order.
    acts = sorted(found, key=lambda act: act.id)
    by_contact: dict[str, list[Act]] = {}
    for act in acts:
        by_contact.setdefault(act.contact_id, []).append(act)
    return Histories({act.id: act for act in acts}, by_contact, kin, allows_again(environment_id))
