"""Relations: module fields, whatever tab they stand on, and who the primary contact is."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from spotler_plugin.crm import CrmClient, CrmError, InvalidAnswer, NotFound, TokenRefused
from spotler_plugin.extensions import db
from spotler_plugin.models import Event, EventOutcome, EventType, Field
from spotler_plugin.planning.mapping import RELATION
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.services.link.primary import linked_primaries
from spotler_plugin.services.mapping.store import empties_any_former

SECONDS = 15.0
"""How long a turn may read relations; the others follow in the next one."""

_TAIL = re.compile(r"[\W_]+$")


@dataclass(frozen=True, slots=True)
class Primary:
    """Whom an event about a relation is about, or what stands in the way of that."""

    contact_id: str | None = None
    outcome: EventOutcome | None = None
    reason: Reason | None = None
    """Why the CRM could not be asked."""
    retry_after: float | None = None
    former_ids: Collection[str] = ()
    """Linked contacts that were primary when they were last read, where the mapping empties what
    they had as such."""


def is_module(name: str) -> bool:
    """Return whether a name or label ends in "module": "Facturatiemodule:", "Uren (module) *"."""
    return _TAIL.sub("", name).casefold().endswith("module")


def with_module_field(environment_id: int, events: Collection[Event]) -> set[int]:
    """Return the ids of the events of which a changed field is a module field, by name or label."""
    of_relation = [event for event in events if event.type is EventType.RELATION_CHANGED]
    if not of_relation:
        return set()
    labels = db.session.execute(
        select(Field.name, Field.label).where(
            Field.environment_id == environment_id, Field.entity == RELATION
        )
    )
    modules = {name for name, label in labels if is_module(label)}
    return {
        event.id
        for event in of_relation
        if any(is_module(name) or name in modules for name in event.data["changed_fields"])
    }


def read_primaries(
    crm: CrmClient, relation_ids: Sequence[str], renew: Callable[[], bool]
) -> Mapping[str, Primary]:
    """Ask the CRM for the primary contact of each relation, as far as the time goes.

    Once the CRM cannot be reached, or refuses us, the others are not asked either.
    """
    end = time.monotonic() + SECONDS
    found: dict[str, Primary] = {}
    for relation_id in relation_ids:
        if time.monotonic() > end or not renew():
            break
        found[relation_id] = _read(crm, relation_id)
        if found[relation_id].reason in (Reason.CRM_AWAY, Reason.CRM_REFUSED):
            return dict.fromkeys(relation_ids, found[relation_id]) | found
    return found


def _read(crm: CrmClient, relation_id: str) -> Primary:
    try:
        relation = crm.relations.get(relation_id)
    except NotFound:
        return Primary(outcome=EventOutcome.NO_RELATION)
    except TokenRefused:
        return Primary(reason=Reason.CRM_REFUSED)
    except InvalidAnswer:
        return Primary(reason=Reason.CRM_UNREADABLE)
    except CrmError as error:
        return Primary(reason=Reason.CRM_AWAY, retry_after=error.retry_after)
    if not is_crm_id(relation.primary_contact_id):
        return Primary(outcome=EventOutcome.NO_PRIMARY)
    return Primary(relation.primary_contact_id)


def with_former(environment_id: int, primaries: Mapping[str, Primary]) -> dict[str, Primary]:
    """Return the same with who was the primary contact of each relation before."""
    if not primaries or not empties_any_former(environment_id):
        return dict(primaries)
    known = linked_primaries(environment_id, primaries)
    return {
        relation_id: replace(
            each, former_ids=sorted(known.get(relation_id, set()) - {str(each.contact_id)})
        )
        for relation_id, each in primaries.items()
    }
