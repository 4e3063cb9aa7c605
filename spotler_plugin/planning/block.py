"""Why a contact may not be written: the rules that a plan keeps before it compares anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.state import Observed, Wanted


@dataclass(frozen=True, slots=True)
class Terms:
    """What the run allows for one contact, and what stands in its way."""

    adds: bool = True
    """Whether the run may link it; a synchronisation links nobody new."""
    take_over: bool = False
    """A person said that the Spotler contact with this address is this contact."""
    is_owner: bool = False
    """Persons said so before of everybody who has the address."""
    left_to: str | None = None
    """The contact whose address it is, as a person said of this one."""
    rival: str | None = None
    """Id of another CRM contact that has the address."""
    holder: Observed | None = None
    """Another Spotler contact that has the address that would be written (`state.strictest`)."""
    leaver: str | None = None
    """Its external id, where it is a contact of ours that goes to another address itself."""
    signed_off: frozenset[int] = frozenset()
    """Permissions that somebody else signed off with the address that it goes to."""
    is_out: bool = False
    """A second Spotler contact with the address that it has is opted out: nothing goes on."""
    is_first: bool = False
    """Nothing is known to have been written to it: what it has in Spotler stays, as at a link."""
    stranger: bool = False
    """Whether somebody else has its id in Spotler."""
    erased: bool = False
    """Whether the data of its id, or of an address of its, were erased."""
    seen: Mapping[int, bool] | None = None
    """The permissions as the screen showed them to who saved it."""

    @property
    def has_address(self) -> bool:
        """Whether a person said that the address is this contact's, now or before."""
        return self.take_over or self.is_owner


def blocked_by(
    wanted: Wanted, observed: Observed | None, terms: Terms
) -> tuple[Reason, Detail] | None:
    """Return the first reason not to write the contact, and its details, or None."""
    owner = observed.external_id if observed else None
    linked = owner == wanted.contact_id
    if terms.erased:
        return Reason.ERASED, NOTHING
    if observed and not observed.active:
        return Reason.INACTIVE, NOTHING
    if not wanted.address:
        return _without_address(wanted.odd_address)
    if terms.stranger and not terms.take_over:
        return Reason.ID_OF_ANOTHER, Detail(address=observed.address if observed else "")
    if not linked and not terms.adds:
        return Reason.NOT_LINKED, NOTHING
    if not linked and not wanted.active:
        return Reason.CRM_INACTIVE, NOTHING
    if terms.holder and not terms.holder.active:
        return Reason.INACTIVE, Detail(holder=terms.holder.external_id, address=wanted.address)
    if terms.left_to and not terms.take_over:
        return Reason.ADDRESS_LEFT, Detail(contact_id=terms.left_to)
    if terms.rival and not terms.has_address:
        return Reason.ADDRESS_DOUBLED, Detail(contact_id=terms.rival)
    if owner is not None and not linked and not terms.has_address:
        return Reason.ADDRESS_OF_ANOTHER, Detail(holder=owner)
    held = _held(wanted, observed, terms) if observed and not terms.has_address else None
    if held:
        return held
    if moved := _moved(observed, terms.seen or {}):
        return Reason.SWITCHED_SINCE, Detail(moved=moved)
    return None


def _without_address(odd: str) -> tuple[Reason, Detail]:
    if odd:
        return Reason.ADDRESS_MALFORMED, Detail(address=odd)
    return Reason.NO_ADDRESS, NOTHING


def _moved(observed: Observed | None, seen: Mapping[int, bool]) -> tuple[int, ...]:
    """Return the permissions that are no longer as somebody saw them; one that is gone is not."""
    now = observed.permissions if observed else dict.fromkeys(seen, False)
    return tuple(sorted(bit for bit, on in seen.items() if now.get(bit, on) is not on))


def _held(wanted: Wanted, observed: Observed, terms: Terms) -> tuple[Reason, Detail] | None:
    """Return the block of an address that another contact has, unless a merge takes nothing away.

    A contact without an external id, or one that leaves, is not in the way; what is off there must
    not go on all the same.
    """
    holder = terms.holder
    if holder is None:
        return None
    others = holder.external_ids - {terms.leaver}
    on = observed.on | {bit for bit, enabled in wanted.permissions.items() if enabled}
    if not others and not on & holder.off:
        return None
    return Reason.ADDRESS_OF_ANOTHER, Detail(holder=min(others, default=holder.external_id))
