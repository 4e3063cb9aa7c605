"""Wipe our copies of a contact's data; of its runs and acts the bare facts stay."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, null, or_, select, update

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Act,
    Firing,
    Link,
    MirrorContact,
    Outcome,
    RunItem,
)
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.consent.digest import digests_of
from spotler_plugin.services.erasure.remains import Remains
from spotler_plugin.services.erasure.shown import changed, wipe_drifts, wipe_previews
from spotler_plugin.sql import among


def wipe_tables(environment_id: int, remains: Remains) -> dict[str, int]:
    """Wipe what is found by an id or an address; return the number of rows by kind.

    May be repeated, and finds then what came meanwhile. The caller commits.
    """
    _digest_acts(environment_id, remains)
    counts = {
        "links": _wipe_links(environment_id, remains),
        "runs": _wipe_items(environment_id, remains.all_ids),
        "acts": _wipe_acts(environment_id, remains.all_ids),
        "firings": _wipe_firings(environment_id, remains.all_ids),
        "previews": wipe_previews(environment_id, remains),
        "drifts": wipe_drifts(environment_id, remains),
        "mirror": wipe_mirror(environment_id, remains),
    }
    return {kind: number for kind, number in counts.items() if number}


def _digest_acts(environment_id: int, remains: Remains) -> None:
    """Tie older acts to the address by its digest: a sign-off still counts once it is gone."""
    addresses = db.session.execute(
        select(Link.contact_id, Link.address).where(
            Link.environment_id == environment_id,
            among(Link.contact_id, remains.all_ids),
            Link.address.is_not(None),
        )
    ).all()
    digests = digests_of(environment_id, [str(address) for _id, address in addresses])
    for contact_id, address in addresses:
        of_contact = and_(Act.environment_id == environment_id, Act.contact_id == contact_id)
        values = {"address_digest": digests.get(str(address))}
        changed(
            update(Act)
            .where(of_contact, Act.address_digest.is_(None))
            .values(values)
            .returning(Act.id)
        )


def _wipe_links(environment_id: int, remains: Remains) -> int:
    blank = {"address": None, "former_address": None, "problem_detail": null()}
    erased = {
        "erased_at": datetime.now(UTC),
        "linked_at": None,
        "crm_version": None,
        "primary_of": None,
        "primary_since": None,
        "problem": Reason.ERASED,
        "problem_outcome": Outcome.BLOCKED,
    }
    holds = (Link.erased_at.is_(None), Link.address.is_not(None), Link.linked_at.is_not(None))
    own = and_(_of(Link, environment_id, remains.ids), or_(*holds))
    changed(
        update(Link)
        .where(_of(Link, environment_id, remains.others))
        .values(blank)
        .returning(Link.id)
    )
    return changed(update(Link).where(own).values(blank | erased).returning(Link.id))


def _wipe_items(environment_id: int, contact_ids: Collection[str]) -> int:
    holds = or_(*(each.is_not(None) for each in (RunItem.before, RunItem.after, RunItem.patch)))
    told = or_(holds, RunItem.detail.is_not(None))
    return changed(
        update(RunItem)
        .where(_of(RunItem, environment_id, contact_ids), told)
        .values(before=null(), after=null(), patch=null(), detail=null())
        .returning(RunItem.id)
    )


def _wipe_acts(environment_id: int, contact_ids: Collection[str]) -> int:
    """Of an act stays who switched what and when: by that it is proved."""
    holds = and_(_of(Act, environment_id, contact_ids), Act.ground.is_not(None))
    return changed(update(Act).where(holds).values(ground=None).returning(Act.id))


def _wipe_firings(environment_id: int, contact_ids: Collection[str]) -> int:
    """What the CRM said, and had before, goes; else a firing holds ids, as events do."""
    holds = or_(Firing.message.is_not(None), Firing.patch.is_not(None))
    return changed(
        update(Firing)
        .where(_of(Firing, environment_id, contact_ids), holds)
        .values(message=None, patch=null())
        .returning(Firing.id)
    )


def wipe_mirror(environment_id: int, remains: Remains) -> int:
    """Forget what Spotler told of it; who has an id of ours that may be another's stays.

    A page that is being recorded at this moment may bring it back, unless the caller has the
    environment (`lock_environment`): from the marks on, no page does.
    """
    own = among(MirrorContact.external_id, remains.all_ids - remains.unsure)
    return changed(
        delete(MirrorContact)
        .where(
            MirrorContact.environment_id == environment_id,
            or_(own, among(MirrorContact.address, remains.addresses)),
        )
        .returning(MirrorContact.id)
    )


def _of(model: Any, environment_id: int, contact_ids: Collection[str]) -> ColumnElement[bool]:
    return and_(model.environment_id == environment_id, among(model.contact_id, contact_ids))
