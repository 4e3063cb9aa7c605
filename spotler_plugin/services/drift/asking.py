"""Ask Spotler for contacts that the reading did not show: deleted there, or changed meanwhile."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.services.drift.turn import Turn
from spotler_plugin.services.link.tie import tie_links, untie_link
from spotler_plugin.services.mirror.record import TABLE, is_replaced_since, record_contacts
from spotler_plugin.services.mirror.write import forget_ids
from spotler_plugin.spotler import Contact, InvalidAnswer
from spotler_plugin.sql import among

MOST = 500
"""Contacts that one comparison asks for; where more are missing, the reading is believed."""


@dataclass(slots=True)
class Answers:
    read_at: datetime
    found: list[Contact] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    """Spotler does not know the id."""
    unreadable: set[str] = field(default_factory=set)

    @property
    def number(self) -> int:
        return len(self.found) + len(self.gone) + len(self.unreadable)


def ask_for_unseen(turn: Turn, contact_ids: Collection[str], room: int) -> Answers | None:
    """Ask for at most `room` of them, one by one; None when the comparison was stopped. Commits."""
    with snapshot():
        unseen = sorted(set(contact_ids) - seen_among(turn, contact_ids))
    answers = Answers(datetime.now(UTC))
    for contact_id in unseen[: max(room, 0)]:
        try:
            contact = turn.spotler.contacts.get(contact_id)
        except InvalidAnswer:
            answers.unreadable.add(contact_id)
            continue
        if contact is None:
            answers.gone.append(contact_id)
        else:
            answers.found.append(contact)
        if not turn.renew():
            return None
    return answers


def record_answers(environment_id: int, answers: Answers) -> None:
    """Record what Spotler said, as for a contact that somebody looks at; the caller commits."""
    recorded = record_contacts(environment_id, answers.found, answers.read_at)
    tie_links(environment_id, recorded.known)
    if is_replaced_since(environment_id, answers.read_at):
        return
    forget_ids(environment_id, answers.gone, answers.read_at)
    for contact_id in answers.gone:
        untie_link(environment_id, contact_id, answers.read_at, inactive=False)


def seen_among(turn: Turn, contact_ids: Collection[str]) -> set[str]:
    """Return those of whom the mirror has something that was read, or written, since it began."""
    rows = db.session.scalars(
        select(TABLE.c.external_id).where(
            TABLE.c.environment_id == turn.owner.id,
            among(TABLE.c.external_id, contact_ids),
            TABLE.c.observed_at >= turn.began,
            TABLE.c.doubted.is_(False),
        )
    )
    return {each for each in rows if each is not None}
