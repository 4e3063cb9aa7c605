"""What linked contacts were in a backup, as their desired state: the source of a restore."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select

from spotler_plugin.crm import CrmClient
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Backup, Environment, Link
from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.planning.backup.layout import Layout
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.restore.kept import same_person, wanted_by
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.backup.rows import NoBackup, find_contacts
from spotler_plugin.services.catalogue.fields import PersonFields, person_fields
from spotler_plugin.services.catalogue.properties import account_properties
from spotler_plugin.services.desired import Desired
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.mirror.read import find_mirrored
from spotler_plugin.sql import among


@dataclass(frozen=True, slots=True)
class Restoring:
    """Contacts as they were in a backup. The CRM tells who is still there, and who they are."""

    environment_id: int
    backup_id: UUID | None
    """None when it was deleted since."""
    order: Restore
    types: Mapping[str, PropertyType]
    fields: PersonFields
    crm: CrmClient

    def read(self, contact_ids: Collection[str]) -> Desired:
        """Read the backup, and the CRM. Who is gone from it is left out: nothing is filled again.

        Raises CrmError.
        """
        batch = self.crm.contacts.get_many(list(contact_ids))
        with snapshot():
            parted = self._parted(contact_ids)
            rows = find_mirrored(self.environment_id, contact_ids)
            here = [id_ for id_ in batch.contacts if id_ not in parted]
            addresses = {
                id_: str(rows[id_].properties.get(ADDRESS) or "") for id_ in here if id_ in rows
            }
            layout, kept = self._kept(here, addresses)
        return Desired(
            wanted={
                id_: wanted_by(id_, each, layout, self.order, addresses.get(id_))
                for id_, each in kept.items()
            },
            names={
                id_: self.fields.person(each).name or id_ for id_, each in batch.contacts.items()
            },
            versions={id_: str(batch.contacts[id_].version) for id_ in here},
            unreadable=batch.unreadable,
            left_out={id_: Reason.NOT_IN_BACKUP for id_ in here if id_ not in kept},
        )

    def _parted(self, contact_ids: Collection[str]) -> set[str]:
        parted = or_(Link.deleted_at.is_not(None), Link.merged_into.is_not(None))
        return set(
            db.session.scalars(
                select(Link.contact_id).where(
                    Link.environment_id == self.environment_id,
                    among(Link.contact_id, contact_ids),
                    parted,
                )
            )
        )

    def _kept(
        self, contact_ids: Collection[str], addresses: Mapping[str, str]
    ) -> tuple[Layout, dict[str, BackedUp]]:
        """Return the contacts that the backup has, and what it covers of each."""
        layout = db.session.scalar(
            select(Backup.layout).where(
                Backup.environment_id == self.environment_id, Backup.id == self.backup_id
            )
        )
        if layout is None or self.backup_id is None or not contact_ids:
            return Layout(), {}
        known = {address for address in addresses.values() if address}
        try:
            found = find_contacts(
                self.environment_id, self.backup_id, external_ids=contact_ids, addresses=known
            )
        except NoBackup:
            return Layout(), {}
        by_id: dict[str | None, list[BackedUp]] = {}
        by_address: dict[str | None, list[BackedUp]] = {}
        for each in found:
            by_id.setdefault(each.external_id, []).append(each)
            by_address.setdefault(each.address, []).append(each)
        pairs = {}
        for id_ in contact_ids:
            address = addresses.get(id_, "")
            candidates = [*by_id.get(id_, ()), *by_address.get(address_key(address), ())]
            pairs[id_] = same_person(id_, address, candidates)
        return layout, {id_: each for id_, each in pairs.items() if each is not None}


def restoring(owner: Environment, backup_id: UUID | None, order: Restore) -> Restoring:
    """Return the source of a restore; reads our tables in the caller's transaction."""
    # Of one that the account no longer has there is nothing to write.
    types = {each.name: each.type for each in account_properties(owner.id)}
    there = Restore(
        tuple(name for name in order.properties if name in types), order.query, order.switches
    )
    return Restoring(owner.id, backup_id, there, types, person_fields(owner.id), crm_of(owner))
