"""Read in Spotler what a preview goes by, right before its first chunk, as its run does.

Where that fails our tables say what they said, and the run will wait or halt.
"""

from __future__ import annotations

from structlog import get_logger

from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Environment
from spotler_plugin.services.account.client import NotConnected, Unconfirmed, client_of
from spotler_plugin.services.catalogue.offer import current_offer
from spotler_plugin.services.feed.follow import catch_up
from spotler_plugin.services.feed.state import find_feed, is_read_within
from spotler_plugin.services.sync.observed import RECENT
from spotler_plugin.spotler import SpotlerError

FEED_SECONDS = 10.0
"""How long the feed is read."""

log = get_logger()


def read_spotler(owner: Environment, *, goes_back: bool) -> None:
    """Read what changed there a moment ago. Commits.

    Where something that was kept `goes_back`, also what the account has: it may have given the bit
    of an entry to another one.
    """
    with snapshot():
        feed = find_feed(owner.id)
        is_recent = feed is None or is_read_within(feed, RECENT)
    if is_recent and not goes_back:
        return
    try:
        spotler = client_of(owner, person=True)
        if not is_recent:
            catch_up(owner.id, spotler, FEED_SECONDS)
            db.session.commit()
        if goes_back:
            current_offer(owner.id, spotler, doubted=True)
    except (NotConnected, Unconfirmed, SpotlerError) as error:
        db.session.rollback()
        log.info("preview.spotler_unread", environment=owner.id, error=type(error).__name__)
    db.session.commit()
