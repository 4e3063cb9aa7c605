"""One contact as our tables have it, for its screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from spotler_plugin.models import Environment, MirrorContact
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.state import UNKNOWN, Observed
from spotler_plugin.services.catalogue.fields import Person
from spotler_plugin.services.consent.setting import allows_again
from spotler_plugin.services.consent.switches import (
    PermissionSwitch,
    permission_switches,
    sign_offs_of,
)
from spotler_plugin.services.contact.shared import Shared, find_shared
from spotler_plugin.services.enrolment.switches import AutomationSwitch, automation_switches
from spotler_plugin.services.link.address import find_address
from spotler_plugin.services.link.status import LinkStatus, standing_of
from spotler_plugin.services.mirror.read import (
    find_mirrored_by_address,
    name_of,
    observed_of,
)


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact as our tables have it."""

    status: LinkStatus
    name: str | None
    address: str | None
    permissions: list[PermissionSwitch]
    automations: list[AutomationSwitch]
    observed_at: datetime | None
    connected: bool
    allows_again: bool = False
    """Whether a person may switch on what the contact signed off from."""
    shared: Shared | None = None
    """Who else has its address."""


def view_contact(
    owner: Environment,
    contact_id: str,
    person: Person | None = None,
    people: Mapping[str, Person] | None = None,
) -> ContactView:
    """Return the contact as our tables have it; `person` is newer than their name and address.

    `people` are by the CRM who else may have the address, where it was asked.
    """
    status, row = standing_of(owner.id, contact_id)
    known = person or _person_of(row)
    address = known.address or find_address(owner.id, contact_id)
    there = observed_of(row) if row else _at_address(owner.id, contact_id, address)
    addresses = {each for each in (address, there.address) if each}
    return ContactView(
        status=status,
        name=known.name,
        address=known.address,
        permissions=permission_switches(
            owner.id,
            contact_id,
            there.permissions,
            sign_offs_of(owner.id, contact_id, addresses),
        ),
        automations=automation_switches(owner.id, contact_id),
        observed_at=row.observed_at if row else None,
        connected=status.connected,
        allows_again=allows_again(owner.id),
        shared=find_shared(owner.id, contact_id, address, people),
    )


def needs_ground(owner: Environment, contact_id: str, permissions: Mapping[int, bool]) -> bool:
    """Return whether one of these goes on against a sign-off, where that is allowed at all."""
    on = {bit for bit, enabled in permissions.items() if enabled}
    if not on or not allows_again(owner.id):
        return False
    switches = view_contact(owner, contact_id).permissions
    return any(each.bit in on and each.signed_off is not None for each in switches)


def _at_address(environment_id: int, contact_id: str, address: str | None) -> Observed:
    """Return what Spotler has with the address of somebody who is not linked, if it is nobody's."""
    asked = {contact_id: address} if address else {}
    found = find_mirrored_by_address(environment_id, asked).get(contact_id) if asked else None
    return found if found is not None and not found.external_ids else UNKNOWN


def _person_of(row: MirrorContact | None) -> Person:
    if row is None:
        return Person(None, None)
    return Person(name_of(row.properties), row.properties.get(ADDRESS))
