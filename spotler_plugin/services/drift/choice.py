"""Some of those who differ as a selection, of which a preview tells what a run would do."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from spotler_plugin.models import DriftItem, Environment, Preview, RunKind, Whom
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.drift.items import Filter, matching, synchronisable
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.request import request_preview
from spotler_plugin.services.selection import select_ourselves


def preview_choice(
    environment: Environment,
    drift_id: UUID,
    chosen: Filter,
    ticked: Collection[int] | None,
    actor: Actor,
) -> Preview | None:
    """Create a preview of a synchronisation of the ticked ones, or of all that match.

    None when nobody is left that it could be about.
    """
    contacts = select(DriftItem.contact_id).where(
        matching(environment.id, drift_id, chosen), synchronisable()
    )
    if ticked is not None:
        contacts = contacts.where(DriftItem.id.in_(ticked))
    selection = select_ourselves(environment.id, contacts.order_by(DriftItem.id))
    if not selection.found:
        return None
    now = saved_mapping(environment.id)
    return request_preview(
        environment, Whom.SELECTION, RunKind.SYNC, now, actor, selection=selection
    )
