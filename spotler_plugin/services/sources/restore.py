"""What linked contacts were in a backup, as their desired state: the source of a restore."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from spotler_plugin.crm import CrmClient
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Backup, Environment, MirrorContact
from spotler_plugin.planning.backup.contact import BackedUp
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.restore.kept import Known, same_person, wanted_by
from spotler_plugin.planning.restore.legend import Account, Legend, legend_of
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.planning.values.types import PropertyType
from spotler_plugin.services.backup.rows import NoBackup, find_contacts
from spotler_plugin.services.catalogue.fields import PersonFields, person_fields
from spotler_plugin.services.catalogue.permissions import permission_labels
from spotler_plugin.services.catalogue.properties import account_properties
from spotler_plugin.services.desired import Desired
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.link.part import parted_among
from spotler_plugin.services.mirror.read import find_mirrored

Key = tuple[str, str]
"""What kind of value a contact of a backup is found by, and the value."""


@dataclass(frozen=True, slots=True)
class Restoring:
    """Contacts as they were in a backup. The CRM tells who is still there, and who they are."""

    environment_id: int
    backup_id: UUID | None
    """None when it was deleted since."""
    order: Restore
    account: Account
    fields: PersonFields
    crm: CrmClient

    @property
    def types(self) -> Mapping[str, PropertyType]:
        """The type of each property that the account has."""
        return self.account.types

    def read(self, contact_ids: Collection[str]) -> Desired:
        """Read the backup, and the CRM. Who is gone from it is left out: nothing is filled again.

        Raises CrmError.
        """
        batch = self.crm.contacts.get_many(list(contact_ids))
        with snapshot():
            parted = parted_among(self.environment_id, contact_ids)
            known = known_by(self.environment_id, batch.contacts.keys() - parted)
            legend, kept = self._kept(known)
        absent = Reason.BACKUP_GONE if legend is None else Reason.NOT_IN_BACKUP
        return Desired(
            wanted={
                id_: wanted_by(id_, each, legend or Legend(), self.order, known[id_].address)
                for id_, each in kept.items()
            },
            names={
                id_: self.fields.person(each).name or id_ for id_, each in batch.contacts.items()
            },
            versions={id_: str(batch.contacts[id_].version) for id_ in known},
            unreadable=batch.unreadable,
            left_out=dict.fromkeys((id_ for id_ in known if id_ not in kept), absent),
        )

    def _kept(self, known: Mapping[str, Known]) -> tuple[Legend | None, dict[str, BackedUp]]:
        """Return the contacts that the backup has, and by what they are read; None and nobody where
        it was deleted."""
        layout = db.session.scalar(
            select(Backup.layout).where(
                Backup.environment_id == self.environment_id, Backup.id == self.backup_id
            )
        )
        if layout is None or self.backup_id is None:
            return None, {}
        legend = legend_of(layout, self.account)
        try:
            return legend, kept_in(self.environment_id, self.backup_id, known) if known else {}
        except NoBackup:
            return None, {}


def known_by(environment_id: int, contact_ids: Collection[str]) -> dict[str, Known]:
    """Return by what each of these contacts can be found in a backup."""
    rows = find_mirrored(environment_id, contact_ids)
    return {id_: _known(id_, rows.get(id_)) for id_ in contact_ids}


def kept_in(
    environment_id: int, backup_id: UUID, known: Mapping[str, Known]
) -> dict[str, BackedUp]:
    """Return what a backup has of these contacts, by their ids. Raises NoBackup."""
    found = find_contacts(
        environment_id,
        backup_id,
        external_ids=known,
        addresses={each.address for each in known.values() if each.address},
        encrypted_ids={each.encrypted_id for each in known.values() if each.encrypted_id},
    )
    by_key: dict[Key, list[BackedUp]] = {}
    for each in found:
        for key in _keys(each.external_id, each.encrypted_id, each.address):
            by_key.setdefault(key, []).append(each)
    pairs = {id_: same_person(each, _alike(by_key, each)) for id_, each in known.items()}
    return {id_: each for id_, each in pairs.items() if each is not None}


def _keys(external_id: str | None, encrypted_id: str | None, address: str | None) -> set[Key]:
    """Return by what a contact is found: its ids, and its address."""
    found = (("id", external_id), ("contact", encrypted_id), ("address", address))
    return {(kind, value) for kind, value in found if value}


def _alike(by_key: Mapping[Key, list[BackedUp]], known: Known) -> list[BackedUp]:
    """Return those of the backup that share an id or the address with a contact."""
    keys = _keys(known.contact_id, known.encrypted_id, address_key(known.address))
    found = {id(each): each for key in keys for each in by_key.get(key, ())}
    return list(found.values())


def _known(contact_id: str, row: MirrorContact | None) -> Known:
    if row is None:
        return Known(contact_id)
    return Known(contact_id, row.encrypted_id, str(row.properties.get(ADDRESS) or ""))


def account_now(environment_id: int) -> Account:
    """Return what the account has, by which a backup is read; of what it has no more there is
    nothing to write."""
    properties = account_properties(environment_id)
    return Account(
        types={each.name: each.type for each in properties},
        entries={
            each.name: {entry.bit: entry.description for entry in each.entries}
            for each in properties
        },
        permissions=permission_labels(environment_id),
    )


def restoring(owner: Environment, backup_id: UUID | None, order: Restore) -> Restoring:
    """Return the source of a restore; reads our tables in the caller's transaction."""
    account, fields = account_now(owner.id), person_fields(owner.id)
    return Restoring(owner.id, backup_id, order, account, fields, crm_of(owner))
