"""Whether everything works for an environment: one check per part, with a finding and a mark.

`check_health` reads our tables only. The caller passes what it read from Redis, since the screen
is first shown without it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from spotler_plugin.config import settings
from spotler_plugin.models import (
    Backup,
    BackupState,
    Connection,
    ConnectionState,
    DriftState,
    Feed,
    Inbox,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.backup.find import newest_of_account
from spotler_plugin.services.drift.report import differing_linked, standing_of
from spotler_plugin.services.drift.setting import drift_setting
from spotler_plugin.services.event.inbox import Waiting, find_inbox, waiting_events
from spotler_plugin.services.feed.state import find_feed
from spotler_plugin.services.health.findings import Check, Finding, Live, Mark, Topic
from spotler_plugin.services.health.live import check_live, noticed
from spotler_plugin.services.health.overview import Overview
from spotler_plugin.services.run.backlog import LONG, Backlog, backlog_of

LATE_READINGS = 5
"""How many reads of the feed may be missed before it is late."""
LATE_CATALOGUE = timedelta(hours=4)
"""It is read every hour."""
LEAST_LATE = timedelta(minutes=5)


def check_health(environment_id: int, standing: Overview, live: Live | None) -> list[Check]:
    """Return all checks in the order of the screen; `live` is None while Redis was not asked."""
    connected = standing.connection is not None
    return noticed(
        [
            _connection(standing.connection),
            _queue(backlog_of(environment_id)),
            _failures(standing.failures),
            _events(find_inbox(environment_id), waiting_events(environment_id)),
            _feed(find_feed(environment_id) if connected else None, connected),
            _catalogue(standing),
            _backup(newest_of_account(environment_id)),
            _drift(environment_id),
            *check_live(live),
        ]
    )


def _connection(row: Connection | None) -> Check:
    if row is None:
        return Check(Topic.CONNECTION, Mark.ATTENTION, Finding.NOTHING)
    if row.state is ConnectionState.REFUSED:
        return Check(Topic.CONNECTION, Mark.BROKEN, Finding.REFUSED, row.refused_at)
    if row.state is ConnectionState.UNCONFIRMED:
        return Check(Topic.CONNECTION, Mark.BROKEN, Finding.UNCONFIRMED, row.proved_at)
    return Check(Topic.CONNECTION, Mark.OK, Finding.WELL, row.proved_at)


def _queue(seen: Backlog) -> Check:
    since = seen.waiting_since
    if seen.halted:
        because = seen.halted_because
        return Check(Topic.QUEUE, Mark.BROKEN, Finding.HALTED, None, seen.halted, because)
    if since is not None and seen.stuck:
        return Check(Topic.QUEUE, Mark.BROKEN, Finding.STUCK, since)
    if seen.postponed:
        until = seen.next_try_at
        return Check(
            Topic.QUEUE, Mark.ATTENTION, Finding.POSTPONED, number=seen.postponed, until=until
        )
    if since is None:
        return Check(Topic.QUEUE, Mark.OK, Finding.NOTHING)
    return Check(Topic.QUEUE, Mark.OK, Finding.WAITING, since)


def _failures(number: int) -> Check:
    if number:
        return Check(Topic.FAILURES, Mark.ATTENTION, Finding.FAILED, number=number)
    return Check(Topic.FAILURES, Mark.OK, Finding.NOTHING)


def _events(inbox: Inbox | None, seen: Waiting) -> Check:
    if seen.since is not None:
        if seen.since < datetime.now(UTC) - LONG:
            return Check(Topic.EVENTS, Mark.BROKEN, Finding.STUCK, seen.since, seen.number)
        return Check(Topic.EVENTS, Mark.OK, Finding.WAITING, seen.since, seen.number)
    if inbox is None:
        return Check(Topic.EVENTS, Mark.UNKNOWN, Finding.NOTHING)
    if inbox.error is not None:
        refused = inbox.error is Reason.CRM_REFUSED
        mark = Mark.BROKEN if refused else Mark.ATTENTION
        return Check(Topic.EVENTS, mark, Finding.FAILED, inbox.read_at, reason=inbox.error)
    if inbox.read_at is None:
        return Check(Topic.EVENTS, Mark.UNKNOWN, Finding.NOTHING)
    return Check(Topic.EVENTS, Mark.OK, Finding.WELL, inbox.read_at)


def _feed(row: Feed | None, connected: bool) -> Check:
    if row is None or not connected:
        return Check(Topic.FEED, Mark.UNKNOWN, Finding.NOTHING)
    late = max(LATE_READINGS * timedelta(seconds=settings().feed_seconds), LEAST_LATE)
    failed = row.error_at is not None and (row.read_at is None or row.error_at > row.read_at)
    reason = row.error if failed else None
    if row.read_at is not None and row.read_at < datetime.now(UTC) - late:
        return Check(Topic.FEED, Mark.BROKEN, Finding.LATE, row.read_at, reason=reason)
    if reason is not None:
        return Check(Topic.FEED, Mark.ATTENTION, Finding.FAILED, row.read_at, reason=reason)
    if row.skipped:
        return Check(Topic.FEED, Mark.ATTENTION, Finding.SKIPPED, row.read_at, row.skipped)
    if row.full_finished_at is None:
        return Check(Topic.FEED, Mark.OK, Finding.FIRST, row.read_at)
    return Check(Topic.FEED, Mark.OK, Finding.WELL, row.read_at)


def _catalogue(standing: Overview) -> Check:
    read_at = standing.connection.catalogue_read_at if standing.connection else None
    if read_at is None:
        return Check(Topic.CATALOGUE, Mark.UNKNOWN, Finding.NOTHING)
    if standing.vanished:
        return Check(
            Topic.CATALOGUE, Mark.ATTENTION, Finding.GONE, read_at, number=standing.vanished
        )
    if read_at < datetime.now(UTC) - LATE_CATALOGUE:
        return Check(Topic.CATALOGUE, Mark.ATTENTION, Finding.LATE, read_at)
    return Check(Topic.CATALOGUE, Mark.OK, Finding.WELL, read_at)


def _backup(row: Backup | None) -> Check:
    if row is None:
        return Check(Topic.BACKUP, Mark.UNKNOWN, Finding.NOTHING)
    if row.state is BackupState.FAILED:
        return Check(
            Topic.BACKUP, Mark.ATTENTION, Finding.FAILED, row.finished_at, reason=row.reason
        )
    if row.state is BackupState.OPEN:
        return Check(Topic.BACKUP, Mark.OK, Finding.WAITING, row.created_at, reason=row.reason)
    return Check(Topic.BACKUP, Mark.OK, Finding.WELL, row.finished_at)


def _drift(environment_id: int) -> Check:
    standing = standing_of(environment_id)
    ready, latest = standing.ready, standing.latest
    at = ready.created_at if ready is not None else None
    if latest is not None and latest.state is DriftState.FAILED:
        return Check(Topic.DRIFT, Mark.ATTENTION, Finding.FAILED, at, reason=latest.reason)
    if ready is None:
        return Check(Topic.DRIFT, Mark.UNKNOWN, Finding.NOTHING)
    number = differing_linked(ready)
    if number > drift_setting(environment_id).threshold:
        return Check(Topic.DRIFT, Mark.ATTENTION, Finding.DIFFERENT, at, number)
    return Check(Topic.DRIFT, Mark.OK, Finding.WELL, at, number)
