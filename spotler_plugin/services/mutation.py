"""A bulk mutation: what can be changed in many contacts at once, and the preview of it."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, select

from spotler_plugin.extensions import db
from spotler_plugin.models import (
    Automation,
    Environment,
    Field,
    MappingRow,
    Preview,
    Property,
    RunKind,
    Selection,
    Whom,
)
from spotler_plugin.planning.adjustment import Adjustment, MutableField
from spotler_plugin.planning.mapping import CONTACT
from spotler_plugin.planning.values.types import FieldType
from spotler_plugin.services.actor import Actor
from spotler_plugin.services.mapping.store import saved_mapping
from spotler_plugin.services.preview.request import find_preview, request_preview
from spotler_plugin.services.selection import open_selection, read_again


def mutable_fields(environment_id: int) -> list[MutableField]:
    """Return the fields in the CRM's order; the address is not one of them."""
    rows = db.session.execute(
        select(Field, Property.description)
        .outerjoin(
            MappingRow,
            and_(
                MappingRow.environment_id == Field.environment_id,
                MappingRow.entity == Field.entity,
                MappingRow.field == Field.name,
            ),
        )
        .outerjoin(
            Property,
            and_(
                Property.environment_id == Field.environment_id,
                Property.name == MappingRow.property,
                Property.gone_at.is_(None),
            ),
        )
        .where(
            Field.environment_id == environment_id,
            Field.entity == CONTACT,
            Field.bulk_editable,
            Field.gone_at.is_(None),
            # Many contacts never get one address, and what nobody knows cannot be filled in.
            Field.type.not_in([FieldType.EMAIL, FieldType.UNKNOWN]),
        )
        .order_by(Field.position, Field.id)
    )
    return [
        MutableField(
            id=each.id,
            name=each.name,
            label=each.label,
            type=each.type,
            choices=tuple((choice["value"], choice["label"]) for choice in each.choices),
            property=property,
        )
        for each, property in rows
    ]


def automation_labels(environment_id: int, automation_ids: Collection[int]) -> dict[int, str]:
    """Return what these automations are called, by id."""
    rows = db.session.execute(
        select(Automation.id, Automation.label).where(
            Automation.environment_id == environment_id, Automation.id.in_(automation_ids)
        )
    )
    return {id_: label for id_, label in rows}


def preview_mutation(
    environment: Environment,
    crm_id: str,
    adjustment: Adjustment,
    actor: Actor,
    *,
    is_renewed: bool = False,
) -> Preview:
    """Create a preview of this adjustment of the selection with the CRM's id."""
    selection = open_selection(environment.id, crm_id)
    read_again(selection)
    return request_preview(
        environment,
        Whom.SELECTION,
        RunKind.BULK,
        saved_mapping(environment.id),
        actor,
        adjustment=adjustment,
        selection=selection,
        is_renewed=is_renewed,
    )


def find_mutation(environment_id: int, preview_id: UUID | None, crm_id: str) -> Preview | None:
    """Return a preview, unless it is of another selection."""
    row = find_preview(environment_id, preview_id) if preview_id is not None else None
    if row is None or row.selection is None or row.selection.crm_id != crm_id:
        return None
    return row


def find_saved(environment_id: int, crm_id: str) -> UUID | None:
    """Return the run of a selection that was saved before."""
    return db.session.scalar(
        select(Selection.run_id).where(
            Selection.environment_id == environment_id, Selection.crm_id == crm_id
        )
    )
