"""Work out what a run would do, chunk by chunk: read the CRM, compare with the mirror, add up.

The same planning as the run's (services/carrying), on what is known; Spotler is not called.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import select

from spotler_plugin.crm import CrmClient, CrmContact, CrmError
from spotler_plugin.extensions import db
from spotler_plugin.models import ADDING, Environment, Link, Preview
from spotler_plugin.planning.plan import Change, ChangeKind, Observed, Terms, Wanted, plan
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.tally import differences
from spotler_plugin.services import observing, preview, preview_turn, wanting
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.rules import Rules, rules_of

CHUNK = 100
"""As the run's, so that what goes together there is added up together here."""
SLICE_SECONDS = 5.0
SAMPLES = 20


@dataclass(frozen=True, slots=True)
class _Ground:
    """What all chunks of a slice share."""

    environment_id: int
    preview_id: UUID
    lease: UUID
    rules: Rules
    crm: CrmClient

    def held(self) -> Preview | None:
        """The row, unless it was stopped or another worker took over."""
        return preview_turn.held(self.environment_id, self.preview_id, self.lease)


def advance(environment_id: int, preview_id: UUID) -> bool:
    """Do a slice; True when there is more to do at once, False when it waits or is over."""
    lease = uuid4()
    row = preview_turn.claim(environment_id, preview_id, lease)
    if row is None:
        return False
    ground = _Ground(
        environment_id,
        preview_id,
        lease,
        rules_of(environment_id, preview.proposal_of(row)),
        crm_of(db.session.get_one(Environment, environment_id)),
    )
    end = time.monotonic() + SLICE_SECONDS
    try:
        while time.monotonic() < end:
            if not _step(ground):
                return False
    except CrmError as error:
        db.session.rollback()
        if row := ground.held():
            preview_turn.postpone(row, error)
        return False
    if row := ground.held():
        preview_turn.give_back(row)
    return row is not None


def _step(ground: _Ground) -> bool:
    """A chunk; False when there is none left, or when somebody stopped it."""
    row = ground.held()
    if row is None:
        return False
    links = _next_links(ground.environment_id, row.position)
    if not links:
        preview_turn.finish(row)
        return False
    db.session.commit()
    people = ground.crm.contacts.get_many(list(links.values())).contacts
    wanted = wanting.through(ground.rules, people, ground.crm)
    known = observing.mirrored(ground.environment_id, wanted)
    row = ground.held()
    if row is None:
        return False
    moving = observing.moving(wanted, known)
    row.claims = row.claims | moving if moving else row.claims
    changes = _planned(ground, row, links.values(), wanted, known, moving)
    _add_up(ground, row, changes, people)
    row.position = max(links)
    row.attempts, row.reason = 0, None
    row.leased_until = datetime.now(UTC) + preview_turn.LEASE
    db.session.commit()
    return True


def _planned(
    ground: _Ground,
    row: Preview,
    contact_ids: Iterable[str],
    wanted: Mapping[str, Wanted],
    known: Mapping[str, Observed],
    moving: Mapping[str, str],
) -> dict[str, Change]:
    rivals = _rivals(ground.environment_id, row.claims, moving)
    changes = {}
    for contact_id in contact_ids:
        person = wanted.get(contact_id)
        if person is None:
            changes[contact_id] = Change(ChangeKind.BLOCKED, Reason.GONE)
            continue
        terms = Terms(adds=row.kind in ADDING, rival=rivals.get(contact_id))
        changes[contact_id] = plan(person, known.get(contact_id), terms, ground.rules.types)
    return changes


def _rivals(
    environment_id: int, claims: Mapping[str, str], moving: Mapping[str, str]
) -> dict[str, str]:
    """Which contacts would get an address that another linked contact has, or gets before them.

    As `lane.rivals` finds them in the run, without reserving anything.
    """
    if not moving:
        return {}
    addresses = set(moving.values())
    holders = db.session.execute(
        select(Link.contact_id, Link.address).where(
            Link.environment_id == environment_id,
            Link.address.in_(addresses),
            Link.linked_at.is_not(None),
        )
    )
    having = [(id_, address) for id_, address in holders if id_ not in claims]
    having += [(id_, address) for id_, address in claims.items() if address in addresses]
    found: dict[str, str] = {}
    for contact_id, address in moving.items():
        for other_id, other_address in having:
            if other_address == address and other_id != contact_id:
                found.setdefault(contact_id, other_id)
    return found


def _add_up(
    ground: _Ground, row: Preview, changes: Mapping[str, Change], people: Mapping[str, CrmContact]
) -> None:
    tally = preview.tally_of(row)
    tally.take(changes.values())
    row.tally = asdict(tally)
    room = SAMPLES - len(row.samples)
    shown = [(id_, change) for id_, change in changes.items() if change.writes][:room]
    if shown:
        row.samples = row.samples + [
            {
                "name": ground.rules.fields.person(people[id_]).name or people[id_].id,
                "changes": differences(change),
            }
            for id_, change in shown
        ]


def _next_links(environment_id: int, position: int) -> dict[int, str]:
    rows = db.session.execute(
        select(Link.id, Link.contact_id)
        .where(
            Link.environment_id == environment_id,
            Link.linked_at.is_not(None),
            Link.id > position,
        )
        .order_by(Link.id)
        .limit(CHUNK)
    )
    return {link_id: contact_id for link_id, contact_id in rows}
