"""The environment's mapping: make the first one, read it for planning, save it."""

from __future__ import annotations

from sqlalchemy import delete, exists, select, tuple_
from structlog import get_logger

from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, MappingRow
from spotler_plugin.planning import proposal as proposing
from spotler_plugin.planning.mapping import RELATION, Row, base_mapping
from spotler_plugin.planning.proposal import EMPTIED, FORMER, Key, Proposal
from spotler_plugin.services.catalogue.fields import crm_fields
from spotler_plugin.services.catalogue.properties import account_properties, mappable_properties

log = get_logger()


def make_base_mapping(environment: Environment) -> bool:
    """Make the base mapping, unless a mapping exists or existed, or no field matches."""
    if environment.mapping_version or db.session.scalar(
        select(exists().where(MappingRow.environment_id == environment.id))
    ):
        return False
    rows = base_mapping(crm_fields(environment.id), mappable_properties(environment.id))
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


def rows_of_proposal(environment_id: int, proposal: Proposal) -> list[Row]:
    """Return the rows of a mapping that is not saved (yet), in the same way."""
    fields, properties = crm_fields(environment_id), account_properties(environment_id)
    return proposing.rows(proposal, fields, properties, region=_region_of(environment_id))


def _region_of(environment_id: int) -> str:
    """Return the country of telephone numbers without a code."""
    of_this = select(Environment.region).where(Environment.id == environment_id)
    return db.session.scalars(of_this).one()


def saved_mapping(environment_id: int) -> dict[Key, str]:
    """Return the saved mapping, also where a field or property vanished."""
    rows = db.session.scalars(
        select(MappingRow).where(MappingRow.environment_id == environment_id)
    ).all()
    fed = {(row.entity, row.field): row.property for row in rows}
    return fed | {(FORMER, row.field): EMPTIED for row in rows if row.empties_former}


def empties_any_former(environment_id: int) -> bool:
    """Return whether a former primary contact loses any value."""
    asked = exists().where(
        MappingRow.environment_id == environment_id, MappingRow.empties_former.is_(True)
    )
    return bool(db.session.scalar(select(asked)))


def save_mapping(environment: Environment, proposal: Proposal) -> None:
    """Save a proposed mapping; the caller has checked it, and has locked the environment."""
    before = saved_mapping(environment.id)
    differing = proposing.changed(before, proposal)
    keys = {(RELATION if entity == FORMER else entity, field) for entity, field in differing}
    # Delete before inserting: two fields may have swapped their properties.
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
                empties_former=proposing.empties_former(proposal, (entity, field)),
            )
        )
    environment.mapping_version += 1
    db.session.flush()
    log.info("mapping.saved", environment=environment.id, rows=len(proposal), changed=len(keys))
