"""What bears on how contacts stand in Spotler, as our tables have it: read by one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    Connection,
    ConnectionState,
    Enrolment,
    EnrolmentState,
    Feed,
    Link,
    MirrorContact,
    Run,
    RunItem,
    RunState,
    Source,
)
from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.link.missed import (
    OWNER,
    differed,
    newest_open,
    relation_told,
    stopped,
    told,
)
from spotler_plugin.sql import listed


class Facts(NamedTuple):
    """Of one contact; None where there is no such thing."""

    contact_id: str
    link: Link | None
    mirror: MirrorContact | None
    started: int
    """Automations that were started for it."""
    unsure: int
    """Those of which nobody knows whether they were."""
    asked_at: datetime | None
    """When the newest work was asked for that is not done with it."""
    halted: Reason | None
    """Why that stands still."""
    why: Reason | None
    """Why the last try at it did not succeed."""
    due_at: datetime | None
    connection: ConnectionState | None
    refused_at: datetime | None
    read_at: datetime | None
    """Up to when the mirror has what changed in Spotler."""
    is_complete: bool | None
    """Whether all of Spotler was ever read into it."""
    told_at: datetime | None
    """When the CRM told of a change that is not handled yet, or was given up."""
    relation_told_at: datetime | None
    """The same, of the relation whose primary contact it is."""
    stopped_at: datetime | None
    """When a synchronisation was asked for that was stopped before its turn."""
    differed_at: datetime | None
    """When the newest comparison found it different in the CRM and in Spotler."""
    closed_at: datetime | None
    """When it was seen to be closed in Spotler, by whom, and on what ground."""
    closed_by: Source | None
    closed_ground: str | None
    is_out: bool
    """Of who is not linked: whether Spotler has its address as one that signed off."""
    is_there: bool
    """Likewise: whether Spotler has its address at all."""
    owner_id: str | None
    """Likewise: the external id that Spotler has with it."""


def read_facts(environment_id: int, contact_ids: Collection[str]) -> Iterable[Facts]:
    """Read the facts of these contacts, of each once."""
    rows = db.session.execute(
        _statement(db.engine.dialect.name),
        {"owner": environment_id, "contacts": contact_ids},
        # Contacts are recorded past the session, so rows in it may be outdated.
        execution_options={"populate_existing": True},
    )
    return (Facts(*row) for row in rows)


@cache
def _statement(_dialect: str) -> Select[*tuple[Any, ...]]:
    """Make it once for a kind of database: that takes longer than to execute it."""
    asked = listed("contacts")
    item, act, there = aliased(RunItem), aliased(Act), aliased(MirrorContact)
    at_address = (
        there.environment_id == OWNER,
        there.address == Link.address,
        Link.linked_at.is_(None),
        or_(there.external_id.is_(None), there.external_id != asked.c.id),
    )
    return (
        select(
            asked.c.id,
            Link,
            MirrorContact,
            _starts(asked, EnrolmentState.STARTED),
            _starts(asked, EnrolmentState.UNKNOWN),
            Run.created_at,
            case((Run.state == RunState.HALTED, Run.halted_because)),
            item.reason,
            item.due_at,
            Connection.state,
            Connection.refused_at,
            Feed.read_at,
            Feed.full_finished_at.is_not(None),
            told(asked),
            relation_told(),
            stopped(asked),
            differed(asked),
            act.at,
            act.source,
            act.ground,
            exists().where(*at_address, there.active.is_(False)),
            exists().where(*at_address),
            select(func.min(there.external_id)).where(*at_address).scalar_subquery(),
        )
        .select_from(asked)
        .outerjoin(Link, and_(Link.environment_id == OWNER, Link.contact_id == asked.c.id))
        .outerjoin(
            MirrorContact,
            and_(
                MirrorContact.environment_id == OWNER,
                MirrorContact.external_id == asked.c.id,
                # Else somebody else has this id, since the account was replaced.
                or_(Link.former_address.is_(None), Link.former_address == MirrorContact.address),
            ),
        )
        .outerjoin(item, and_(item.environment_id == OWNER, item.id == newest_open(asked)))
        .outerjoin(Run, and_(Run.environment_id == OWNER, Run.id == item.run_id))
        .outerjoin(Connection, Connection.environment_id == OWNER)
        .outerjoin(Feed, Feed.environment_id == OWNER)
        .outerjoin(
            act,
            and_(act.environment_id == OWNER, act.id == _closing(asked), act.enabled.is_(False)),
        )
    )


def _starts(asked: Subquery, state: EnrolmentState) -> ColumnElement[Any]:
    one = func.count(func.distinct(Enrolment.automation_id))
    of_contact = (Enrolment.environment_id == OWNER, Enrolment.contact_id == asked.c.id)
    starts = select(one).where(*of_contact, Enrolment.state == state)
    return starts.correlate(asked).scalar_subquery()


def _closing(asked: Subquery) -> ColumnElement[Any]:
    """Return the last time that it was closed in Spotler, or came back there."""
    of_contact = (Act.environment_id == OWNER, Act.contact_id == asked.c.id, Act.bit == EVERYTHING)
    last = select(Act.id).where(*of_contact).order_by(Act.at.desc(), Act.id.desc()).limit(1)
    return last.correlate(asked).scalar_subquery()
