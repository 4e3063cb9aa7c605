"""Read the feed of each connected account."""

from __future__ import annotations

from spotler_plugin.extensions import db
from spotler_plugin.jobs.opt_out import tell
from spotler_plugin.jobs.queue.enqueue import enqueue
from spotler_plugin.jobs.queue.registry import job
from spotler_plugin.jobs.queue.share import in_its_share
from spotler_plugin.jobs.queue.together import enqueue_together, work_together
from spotler_plugin.services.consent.tell import has_untold
from spotler_plugin.services.feed.follow import follow_feed, read_everybody
from spotler_plugin.services.feed.known import find_known
from spotler_plugin.services.feed.sought import seek
from spotler_plugin.services.feed.state import ask_full_reading, is_known_wanted, overdue_feeds


@job
def enqueue_all() -> None:
    """Enqueue jobs for the environments whose feed is due; called by the scheduler."""
    due = overdue_feeds()
    db.session.commit()
    enqueue_together(
        follow_several,
        follow,
        [each.environment_id for each in due],
        in_trouble=[each.environment_id for each in due if each.in_trouble],
    )


def start(environment_id: int) -> None:
    """Read all of an account that was connected or tested. Commits what the caller wrote."""
    ask_full_reading(environment_id)
    db.session.commit()
    enqueue(follow, environment_id, first=True)


@job
def follow_several(*environment_ids: int) -> None:
    work_together(follow_several, follow, environment_ids)


@job
@in_its_share
def follow(environment_id: int) -> None:
    """Read what changed; then read all contacts, or look who is known, if that is due."""
    everybody_due = follow_feed(environment_id)
    known_due = is_known_wanted(environment_id)
    untold = has_untold(environment_id)
    db.session.commit()
    if untold:
        enqueue(tell, environment_id)
    if everybody_due:
        enqueue(read_all, environment_id)
    elif known_due:
        enqueue(look_who_is_known, environment_id)


@job
@in_its_share
def read_all(environment_id: int) -> None:
    """Take a turn at reading all contacts; the rest goes to the back of the queue."""
    more = read_everybody(environment_id)
    known_due = is_known_wanted(environment_id)
    db.session.commit()
    if more:
        enqueue(read_all, environment_id)
    elif known_due:
        enqueue(look_who_is_known, environment_id)


@job
@in_its_share
def look_who_is_known(environment_id: int) -> None:
    """Take a turn at asking the CRM who was in Spotler before we came: by id, then by address."""
    more = find_known(environment_id) or seek(environment_id)
    if more:
        enqueue(look_who_is_known, environment_id)
