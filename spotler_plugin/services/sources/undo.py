"""What the contacts of a run had before it, as their desired state: the source of an undo."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import and_, select

from spotler_plugin.crm import CrmClient, CrmContact
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Environment, MirrorContact, Run, RunItem
from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.image import Earlier, Image
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.reason import Reason, Refusal
from spotler_plugin.planning.state import Wanted
from spotler_plugin.planning.undo.earlier import switched_on, without_renamed
from spotler_plugin.planning.undo.order import Undo
from spotler_plugin.planning.undo.patch import Back, Patch, back
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.catalogue.entries import renamed_since
from spotler_plugin.services.catalogue.fields import PersonFields, person_fields
from spotler_plugin.services.catalogue.properties import property_labels, property_types
from spotler_plugin.services.consent.back import standing_acts
from spotler_plugin.services.desired import Alteration, Desired
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.link.part import parted_among
from spotler_plugin.services.mirror.read import name_of
from spotler_plugin.sql import among


class _Row(NamedTuple):
    """A contact of the run."""

    before: Image | None
    after: Image | None
    patch: Patch | None
    shown: Mapping[str, Any] | None
    """Its properties, as the mirror has them."""


@dataclass(frozen=True, slots=True)
class Undoing:
    """The contacts of a run as they were before it; the CRM tells who is still there."""

    environment_id: int
    run_id: UUID
    undo: Undo
    types: Mapping[str, PropertyType]
    labels: Mapping[str, str]
    """Of properties."""
    fields: PersonFields
    renamed: Mapping[str, Mapping[int, str]]
    """Of each set the entries that were called otherwise when the run was made."""
    crm: CrmClient

    def read(self, contact_ids: Collection[str]) -> Desired:
        """Read our tables, and the CRM. Who is gone from it is left out: nothing is filled again.

        Raises CrmError.
        """
        with snapshot():
            rows = self._rows(contact_ids)
            parted = parted_among(self.environment_id, rows)
            acts = standing_acts(self.environment_id, self.run_id, rows)
        batch = self.crm.contacts.get_many(list(rows))
        here = {id_: rows[id_] for id_ in rows.keys() & batch.contacts.keys() - parted}
        backs = {
            id_: self._back(row.patch, batch.contacts[id_])
            for id_, row in here.items()
            if row.patch is not None
        }
        crm = {id_: self.fields.person(each).name for id_, each in batch.contacts.items()}
        return Desired(
            wanted={id_: self._wanted(id_, row, acts, backs.get(id_)) for id_, row in here.items()},
            names={
                id_: crm.get(id_) or name_of(row.shown or {}) or id_ for id_, row in rows.items()
            },
            versions={id_: str(batch.contacts[id_].version) for id_ in here},
            alterations={
                id_: [
                    Alteration(name, batch.contacts[id_].changeable.get(name), value)
                    for name, value in each.changes.items()
                ]
                for id_, each in backs.items()
            },
            unreadable=batch.unreadable,
        )

    def _rows(self, contact_ids: Collection[str]) -> dict[str, _Row]:
        found = db.session.execute(
            select(
                RunItem.contact_id,
                RunItem.before,
                RunItem.after,
                RunItem.patch,
                MirrorContact.properties,
            )
            .outerjoin(
                MirrorContact,
                and_(
                    MirrorContact.environment_id == RunItem.environment_id,
                    MirrorContact.external_id == RunItem.contact_id,
                ),
            )
            .where(
                RunItem.environment_id == self.environment_id,
                RunItem.run_id == self.run_id,
                among(RunItem.contact_id, contact_ids),
            )
        )
        return {contact_id: _Row(*values) for contact_id, *values in found}

    def _back(self, patch: Patch, contact: CrmContact) -> Back:
        return back(patch, contact.changeable, overrides=self.undo.overrides)

    def _wanted(
        self, contact_id: str, row: _Row, acts: Mapping[tuple[str, int], bool], crm: Back | None
    ) -> Wanted:
        earlier = Earlier(
            row.before or Image(external_id=contact_id), row.after or Image(), self.undo.overrides
        )
        earlier, left = without_renamed(earlier, self.renamed)
        on = {bit for bit in switched_on(earlier) if (contact_id, bit) in acts}
        others = set() if self.undo.overrides else {b for b in on if not acts[contact_id, b]}
        sent = earlier.after.properties.get(ADDRESS)
        address = (row.shown or {}).get(ADDRESS) or sent
        return Wanted(
            contact_id,
            str(address) if address else None,
            refusals=tuple(
                Refusal(self.labels.get(name, name), name, Reason.ENTRY_RENAMED, words)
                for name, words in sorted(left.items())
            ),
            permissions=dict.fromkeys(sorted(on - others), False),
            is_left=row.before is None,
            earlier=earlier,
            told=Detail(since=crm.since if crm is not None else (), stays_on=tuple(sorted(others))),
        )


def undoing(owner: Environment, run_id: UUID, undo: Undo) -> Undoing:
    """Return the source of an undo of this run; reads our tables in the caller's transaction."""
    made_at = db.session.scalar(
        select(Run.created_at).where(Run.environment_id == owner.id, Run.id == run_id)
    )
    renamed = renamed_since(owner.id, made_at) if made_at is not None else {}
    return Undoing(
        environment_id=owner.id,
        run_id=run_id,
        undo=undo,
        types=property_types(owner.id),
        labels=property_labels(owner.id),
        fields=person_fields(owner.id),
        renamed=renamed,
        crm=crm_of(owner),
    )
