"""The environment's mapping: made at first, read for planning, and saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, exists, select, tuple_
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, Field, MappingRow, Property
from spotler_plugin.planning import mapping as planning
from spotler_plugin.planning import proposal as proposing
from spotler_plugin.planning.mapping import Row, base_mapping
from spotler_plugin.planning.proposal import Key, Proposal
from spotler_plugin.planning.values import FieldType, PropertyType

log = get_logger()


def make_base(environment: Environment) -> bool:
    """Make the base mapping, unless there is or was one, or nothing to make it of."""
    if environment.mapping_version or db.session.scalar(
        select(exists().where(MappingRow.environment_id == environment.id))
    ):
        return False
    rows = base_mapping(fields(environment.id), properties(environment.id))
    if not rows:
        return False
    for row in rows:
        db.session.add(
            MappingRow(
                environment_id=environment.id,
                entity=row.entity,
                field=row.field,
                property=row.property,
            )
        )
    environment.mapping_version = 1
    db.session.flush()
    log.info("mapping.base_made", environment=environment.id, rows=len(rows))
    return True


def rows(environment_id: int) -> list[Row]:
    """What planning needs; a row whose field or property vanished feeds nothing."""
    return rows_of(environment_id, saved(environment_id))


def rows_of(environment_id: int, proposal: Proposal) -> list[Row]:
    """The same for a mapping that is not saved (yet)."""
    return proposing.rows(proposal, fields(environment_id), all_properties(environment_id))


def saved(environment_id: int) -> dict[Key, str]:
    """The mapping as it stands, also where a field or property vanished."""
    rows = db.session.execute(
        select(MappingRow.entity, MappingRow.field, MappingRow.property).where(
            MappingRow.environment_id == environment_id
        )
    )
    return {(entity, field): property for entity, field, property in rows}


def save(environment: Environment, proposal: Proposal) -> None:
    """Make the mapping what is proposed; the caller has checked it, and holds the environment."""
    before = saved(environment.id)
    keys = proposing.changed(before, proposal)
    # All away first: two fields may have changed properties with each other.
    db.session.execute(
        delete(MappingRow).where(
            MappingRow.environment_id == environment.id,
            tuple_(MappingRow.entity, MappingRow.field).in_(keys & before.keys()),
        )
    )
    for entity, field in sorted(keys & proposal.keys()):
        db.session.add(
            MappingRow(
                environment_id=environment.id,
                entity=entity,
                field=field,
                property=proposal[entity, field],
            )
        )
    environment.mapping_version += 1
    db.session.flush()
    log.info("mapping.saved", environment=environment.id, rows=len(proposal), changed=len(keys))


def fields(environment_id: int) -> list[planning.Field]:
    """The CRM's fields that there are now, in its own order."""
    found = db.session.execute(
        select(Field.entity, Field.name, Field.label, Field.type, Field.choices)
        .where(Field.environment_id == environment_id, Field.gone_at.is_(None))
        .order_by(Field.position, Field.id)
    )
    return [
        planning.Field(entity, name, label, FieldType(type_), _choices(choices))
        for entity, name, label, type_, choices in found
    ]


def properties(environment_id: int) -> list[planning.Property]:
    """The account's properties that a field may feed, in its own order."""
    return [each for each in all_properties(environment_id) if planning.mappable(each)]


def all_properties(environment_id: int) -> list[planning.Property]:
    """All that the account has now, in its own order."""
    found = db.session.execute(
        select(Property.name, Property.description, Property.type)
        .where(Property.environment_id == environment_id, Property.gone_at.is_(None))
        .order_by(Property.position, Property.id)
    )
    return [
        planning.Property(name, description, PropertyType(type_))
        for name, description, type_ in found
    ]


def _choices(choices: Sequence[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((choice["value"], choice["label"]) for choice in choices)
