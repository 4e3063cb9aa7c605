"""The desired state of a run's contacts, from the CRM or from our own tables (`sources`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from spotler_plugin.crm import CrmClient, CrmContact, InvalidAnswer, NotFound, Refused
from spotler_plugin.extensions import snapshot
from spotler_plugin.planning.adjustment import NO_ADJUSTMENT, Adjustment
from spotler_plugin.planning.mapping import RELATION, desired, emptied
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.state import Wanted
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.contact_id import is_crm_id
from spotler_plugin.services.link.part import merged_only
from spotler_plugin.services.link.primary import former_primaries
from spotler_plugin.services.mapping.rules import Rules


@dataclass(frozen=True, slots=True)
class Alteration:
    """A field of the CRM before and after what is foreseen; "active" is the contact's status."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Desired:
    """Desired states of some contacts; those that the source no longer knows are left out."""

    wanted: Mapping[str, Wanted]
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of the contacts, for the screens."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """The CRM's version of each contact."""
    primaries: Mapping[str, str | None] = field(default_factory=dict)
    """The relation of which each contact is the primary one, if it is, where the CRM told."""
    alterations: Mapping[str, Collection[Alteration]] = field(default_factory=dict)
    """What differs in the CRM by then, where it is foreseen."""
    unreadable: Collection[str] = ()
    """Contacts that the source has in a form that nobody understands."""
    postponed: Collection[str] = ()
    """Contacts whose relation could not be read: it may be, a little later."""
    left_out: Mapping[str, Reason] = field(default_factory=dict)
    """Contacts of which the source has nothing, and why."""

    @property
    def unplanned(self) -> dict[str, Reason]:
        """Why contacts without a desired state have none; of others the source never heard."""
        unread = dict.fromkeys((*self.unreadable, *self.postponed), Reason.CRM_UNREADABLE)
        return {**unread, **self.left_out}


class Source(Protocol):
    """Where the desired state comes from."""

    @property
    def types(self) -> Mapping[str, PropertyType]:
        """The type of each property, by which values are compared."""

    def read(self, contact_ids: Collection[str]) -> Desired:
        """Read up to 100 contacts, now. Raises CrmError."""


@dataclass(frozen=True, slots=True)
class ThroughMapping:
    """Contacts of the CRM, converted by a mapping."""

    rules: Rules
    crm: CrmClient
    adjustment: Adjustment = NO_ADJUSTMENT
    """What the CRM will have changed by then, where it is foreseen."""
    is_shown: bool = True
    """Whether somebody looks at it: a run has no use for names and alterations."""

    @property
    def types(self) -> Mapping[str, PropertyType]:
        return self.rules.types

    def read(self, contact_ids: Collection[str]) -> Desired:
        batch = self.crm.contacts.get_many(list(contact_ids))
        people = batch.contacts
        # Relations are read only where the mapping needs them.
        needs_relations = any(row.entity == RELATION for row in self.rules.rows)
        relations = _relations(people, self.crm) if needs_relations else {}
        unread = {id_ for id_, fields in relations.items() if fields is None}
        postponed = {id_ for id_, each in people.items() if each.relation_id in unread}
        people = {id_: each for id_, each in people.items() if id_ not in postponed}
        former = self._former(people)
        told = people if self.is_shown else {}
        return Desired(
            wanted={
                id_: self._wanted(each, relations.get(each.relation_id) or {}, id_ in former)
                for id_, each in people.items()
            },
            names={id_: self.rules.fields.person(each).name or id_ for id_, each in told.items()},
            versions={id_: str(each.version) for id_, each in people.items()},
            primaries={
                id_: each.relation_id if each.primary else None for id_, each in people.items()
            },
            alterations={id_: self._alterations(each) for id_, each in told.items()},
            unreadable=batch.unreadable,
            postponed=postponed,
        )

    def _alterations(self, person: CrmContact) -> list[Alteration]:
        foreseen = self.adjustment
        now = person.changeable
        active = {} if foreseen.active is None else {"active": foreseen.active}
        then = {**foreseen.applied_to(person.fields), **active}
        return [
            Alteration(name, now.get(name), then[name])
            for name in foreseen.changes
            if now.get(name) != then[name]
        ]

    def _former(self, people: Mapping[str, CrmContact]) -> Collection[str]:
        """Return who was the primary contact of its relation, where the mapping asks for that."""
        if not any(row.empties_former for row in self.rules.rows):
            return ()
        relations = {id_: each.relation_id for id_, each in people.items() if not each.primary}
        with snapshot():
            return former_primaries(self.rules.environment_id, relations)

    def _wanted(self, person: CrmContact, relation: Mapping[str, Any], is_former: bool) -> Wanted:
        rows = self.rules.rows
        leaving = [row for row in rows if row.empties_former] if is_former else []
        staying = [row for row in rows if row not in leaving] if leaving else rows
        state = desired(self.adjustment.applied_to(person.fields), relation, staying)
        left = {row.property: emptied(row) for row in leaving}
        address = self.rules.fields.address_of(person)
        return Wanted(
            contact_id=person.id,
            address=address,
            values={**state.values, **left},
            refusals=tuple(state.refusals),
            left=frozenset(left),
            odd_address="" if address else self.rules.fields.odd_address_of(person),
            active=person.active if self.adjustment.active is None else self.adjustment.active,
        )


@dataclass(frozen=True, slots=True)
class Parting:
    """Contacts that are gone from the CRM, by what it told us of them."""

    environment_id: int

    @property
    def types(self) -> Mapping[str, PropertyType]:
        return {}

    def read(self, contact_ids: Collection[str]) -> Desired:
        """Read our tables: one that was merged, and not deleted, is not closed."""
        with snapshot():
            merged = merged_only(self.environment_id, contact_ids)
        return Desired(
            {
                id_: Wanted(id_, address=None, leaves=True, closes=id_ not in merged)
                for id_ in contact_ids
            }
        )


def _relations(
    people: Mapping[str, CrmContact], crm: CrmClient
) -> dict[str | None, Mapping[str, Any] | None]:
    """Read the contacts' relations; one that is gone, or has no id, has no fields, so nothing it
    fed changes.

    None is one that cannot be read: it keeps none of the others from it.
    """
    fields: dict[str | None, Mapping[str, Any] | None] = {}
    asked = {each.relation_id for each in people.values() if each.relation_id}
    for relation_id in sorted(filter(is_crm_id, asked)):
        try:
            fields[relation_id] = crm.relations.get(relation_id).fields
        except (NotFound, Refused):
            fields[relation_id] = {}
        except InvalidAnswer:
            fields[relation_id] = None
    return fields
