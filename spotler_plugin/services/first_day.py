"""The first day with an account: how far it is, the mapping before anything was written, and the
plan for whoever was in Spotler already."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Connection,
    Environment,
    Link,
    MirrorContact,
    Preview,
    RunKind,
    Whom,
)
from spotler_plugin.planning.proposal import Proposal, changed
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.environment import lock_environment
from spotler_plugin.services.feed.state import find_feed
from spotler_plugin.services.link.there import is_there, is_untouched
from spotler_plugin.services.mapping.store import save_mapping, saved_mapping
from spotler_plugin.services.preview.request import request_preview
from spotler_plugin.services.selection import select_ourselves


@dataclass(frozen=True, slots=True)
class Beginning:
    """How far an environment is."""

    is_connected: bool
    is_new: bool
    """Whether there is nothing to look at yet: no connection, and there never was one."""
    is_first_day: bool
    """Whether nothing was ever written to the account."""


@dataclass(frozen=True, slots=True)
class Account:
    """What of an account was read so far."""

    contacts: int
    is_reading: bool
    """Whether there may be more of them."""


def beginning_of(environment: Environment) -> Beginning:
    of_this = Link.environment_id == environment.id
    is_connected, is_written = db.session.execute(
        select(
            exists().where(Connection.environment_id == environment.id),
            exists().where(of_this, Link.synced_at.is_not(None)),
        )
    ).one()
    return Beginning(
        is_connected=bool(is_connected),
        is_new=not is_connected and not environment.mapping_version,
        is_first_day=not is_written,
    )


def account_of(environment_id: int) -> Account:
    rows = select(func.count()).select_from(MirrorContact)
    number = db.session.scalar(rows.where(MirrorContact.environment_id == environment_id))
    row = find_feed(environment_id)
    return Account(number or 0, row is None or row.full_finished_at is None)


def save_first_mapping(environment: Environment, seen: Proposal, chosen: Proposal) -> bool:
    """Save a mapping of which no run has to be made, as nothing was written yet.

    False where that is not so, or where somebody saved another mapping than was seen.
    """
    lock_environment(environment.id)
    db.session.refresh(environment, ["mapping_version"])
    if saved_mapping(environment.id) != seen or not beginning_of(environment).is_first_day:
        return False
    if changed(seen, chosen):
        save_mapping(environment, chosen)
    return True


def preview_linking(environment: Environment, actor: Actor) -> Preview | None:
    """Create a preview of linking whoever was in Spotler before we came; None when nobody was."""
    contacts = select(Link.contact_id).where(
        or_(is_there(environment.id), is_untouched(environment.id))
    )
    selection = select_ourselves(environment.id, contacts.order_by(Link.id))
    if not selection.found:
        return None
    now = saved_mapping(environment.id)
    return request_preview(
        environment, Whom.SELECTION, RunKind.LINK, now, actor, selection=selection
    )
