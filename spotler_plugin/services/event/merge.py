"""Two contacts are one person: the strictest of both counts, and the acts of both."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import Act, Event, Link, MirrorContact, Run, RunItem, RunKind
from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.planning.image import Image
from spotler_plugin.services.catalogue.permissions import listed_permissions
from spotler_plugin.services.consent.acts import record_acts
from spotler_plugin.services.consent.holders import share_addresses
from spotler_plugin.services.consent.sign_off import last_sign_offs
from spotler_plugin.services.link.lease import open_links
from spotler_plugin.services.mirror.read import find_mirrored
from spotler_plugin.sql import among


def follow_merges(environment_id: int, events: Collection[Event]) -> None:
    """Let each event name the contact that is kept in the end.

    Happens when what was merged into somebody comes in after that one was merged itself.
    """
    into = {str(each.merged_id): str(each.contact_id) for each in events}
    unread = set(into.values()) - into.keys()
    while unread:
        rows = db.session.execute(
            select(Link.contact_id, Link.merged_into).where(
                Link.environment_id == environment_id,
                among(Link.contact_id, unread),
                Link.merged_into.is_not(None),
            )
        )
        found = {contact_id: str(kept) for contact_id, kept in rows}
        into |= found
        unread = set(found.values()) - into.keys()
    for event in events:
        event.contact_id = _last(str(event.contact_id), str(event.merged_id), into)


def _last(kept: str, merged: str, into: Mapping[str, str]) -> str:
    """Return where a chain of merges ends; of one that runs in a circle, where it began."""
    passed = {merged}
    last = kept
    while last not in passed and last in into:
        passed.add(last)
        last = into[last]
    return kept if last in passed else last


def merge(environment_id: int, event: Event, run: Run | None) -> None:
    """Let the merged contact's acts count for the kept one; switch off what was off there.

    `run` is the one that updates the kept contact, where that is linked: the switches are its acts.
    """
    kept, merged = str(event.contact_id), str(event.merged_id)
    open_links(environment_id, [kept, merged])
    # As whom it is known until now: with those that were merged into it before.
    signed_off = {bit for _id, bit in last_sign_offs(environment_id, {merged: ()})}
    # Whoever was merged into the merged one before is part of the same person.
    db.session.execute(
        update(Link)
        .where(
            Link.environment_id == environment_id,
            (Link.contact_id == merged) | (Link.merged_into == merged),
            Link.contact_id != kept,
        )
        .values(merged_into=kept),
        execution_options={"synchronize_session": False},
    )
    share_addresses(environment_id, kept, merged)
    if run is not None and event.run_id == run.id:
        rows = find_mirrored(environment_id, [kept, merged])
        on = {bit for bit, enabled in _permissions(rows.get(kept)).items() if enabled}
        off = on & (_off(environment_id, merged, rows.get(merged)) | signed_off)
        record_acts(run, kept, dict.fromkeys(off, False))


def _off(environment_id: int, contact_id: str, row: MirrorContact | None) -> set[int]:
    """Return the permissions that a contact had not, before it parted.

    Where it has left already, by an event that came first, what it left with counts.
    """
    every = {permission.bit for permission in listed_permissions(environment_id)}
    left_with = _left_with(environment_id, contact_id)
    if left_with is not None:
        return every - {bit for bit, enabled in left_with.permissions.items() if enabled}
    if row is None:
        return _signed_off(environment_id, contact_id, every)
    if not row.active:
        return every
    return {bit for bit, enabled in row.permissions.items() if not enabled}


def _permissions(row: MirrorContact | None) -> dict[int, bool]:
    return row.permissions if row is not None else {}


def _left_with(environment_id: int, contact_id: str) -> Image | None:
    """Return what the contact had when its permissions were switched off."""
    return db.session.scalar(
        select(RunItem.before)
        .join(Run, Run.id == RunItem.run_id)
        .where(
            RunItem.environment_id == environment_id,
            RunItem.contact_id == contact_id,
            RunItem.before.is_not(None),
            Run.kind == RunKind.PARTING,
        )
        .order_by(RunItem.id)
        .limit(1)
    )


def _signed_off(environment_id: int, contact_id: str, every: set[int]) -> set[int]:
    """Return what its newest acts switched off."""
    acts = db.session.execute(
        select(Act.bit, Act.enabled)
        .where(
            Act.environment_id == environment_id,
            Act.contact_id == contact_id,
            Act.applied_at.is_not(None),
        )
        .order_by(Act.at, Act.enabled.desc())
    )
    newest = {bit: enabled for bit, enabled in acts}
    if newest.get(EVERYTHING) is False:
        return every
    return {bit for bit, enabled in newest.items() if not enabled}
