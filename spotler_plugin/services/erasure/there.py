"""What others have of a contact: Spotler wipes it, and is seen to; the CRM tells its address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select
from structlog import get_logger

from spotler_plugin.crm import CrmError, TokenRefused
from spotler_plugin.extensions import db, snapshot
from spotler_plugin.models import Act, Environment, Source
from spotler_plugin.planning.consent import EVERYTHING
from spotler_plugin.planning.plan import ADDRESS
from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.address import address_key
from spotler_plugin.services.account.client import (
    NotConnected,
    Unconfirmed,
    client_of,
)
from spotler_plugin.services.account.proof import note_refusal
from spotler_plugin.services.catalogue.fields import person_fields
from spotler_plugin.services.consent.seen import Sighting, note_sightings
from spotler_plugin.services.environment import crm_of
from spotler_plugin.services.erasure.remains import Remains, on_word
from spotler_plugin.spotler import (
    Contact,
    CredentialsRefused,
    RateLimited,
    SpotlerClient,
    SpotlerError,
)

log = get_logger()


class Waits(Exception):
    """It cannot be done now; `reason` says why, and None that it ends by itself soon."""

    def __init__(self, reason: Reason | None, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after


@dataclass(slots=True)
class There:
    """What became of it in Spotler."""

    anonymised: int = 0
    addresses: set[str] = field(default_factory=set)
    """That it had there, in small letters."""
    undone: bool = False
    """Whether Spotler said that it did, and still shows the address."""
    left: int = 0
    """Other contacts with an address of it: whether these are the same person is not for us to
    say, and one without an external id cannot be named in a call."""


def anonymise(owner: Environment, remains: Remains, renew: Callable[[], None]) -> There:
    """Let Spotler wipe the contacts with our ids, one by one. Raises Waits.

    May be repeated: who is not there any more needs nothing.
    """
    began = datetime.now(UTC)
    try:
        with snapshot():
            spotler = client_of(owner)
        return _anonymise(owner.id, spotler, remains, renew)
    except Unconfirmed:
        raise Waits(Reason.UNCONFIRMED) from None
    except NotConnected:
        raise Waits(Reason.NOT_CONNECTED) from None
    except CredentialsRefused:
        note_refusal(owner.id, began)
        db.session.commit()
        raise Waits(Reason.CREDENTIALS_REFUSED) from None
    except SpotlerError as error:
        log.info("erasure.waits", environment=owner.id, error=type(error).__name__)
        reason = Reason.BUSY if isinstance(error, RateLimited) else Reason.SPOTLER_AWAY
        raise Waits(reason, error.retry_after) from None


def addresses_in_crm(owner: Environment, remains: Remains) -> set[str]:
    """Return what the CRM has, as far as it still knows the contact. Raises Waits."""
    with snapshot():
        crm, fields = crm_of(owner), person_fields(owner.id)
    try:
        found = crm.contacts.get_many(sorted(remains.ids)).contacts.values()
    except CrmError as error:
        refused = isinstance(error, TokenRefused)
        raise Waits(Reason.CRM_REFUSED if refused else Reason.CRM_AWAY) from None
    return {address_key(each) for each in map(fields.address_of, found) if each}


def _anonymise(
    environment_id: int, spotler: SpotlerClient, remains: Remains, renew: Callable[[], None]
) -> There:
    there = There()
    for id_ in sorted(remains.ids):
        renew()
        contact = spotler.contacts.get(id_)
        if contact is None or not _is_ours(contact, id_, remains):
            continue
        if contact.email:
            there.addresses.add(address_key(contact.email) or contact.email.lower())
            _note_sign_offs(environment_id, id_, contact, remains)
        there.anonymised += spotler.contacts.anonymise(id_)
        after = spotler.contacts.get(id_)
        if after is not None and after.email and after.email == contact.email:
            there.undone = True
    others: set[str] = set()
    for address in sorted(remains.addresses | there.addresses):
        renew()
        found = spotler.contacts.search(ADDRESS, address)
        others |= {each.encrypted_id for each in found if each.external_id not in remains.ids}
    there.left = len(others)
    return there


def _note_sign_offs(environment_id: int, id_: str, contact: Contact, remains: Remains) -> None:
    """Record what went off since the mirror, which is wiped, was read: it counts when somebody
    lifts the erasure. Commits."""
    now = datetime.now(UTC)
    now_is = {**contact.permissions, EVERYTHING: contact.active}
    acts = db.session.execute(
        select(Act.bit, Act.enabled, Act.source)
        .where(Act.environment_id == environment_id, Act.contact_id == id_)
        .order_by(Act.id)
    )
    newest = {bit: (enabled, source) for bit, enabled, source in acts}
    found = [
        Sighting(id_, bit, False, now, contact.email or "")
        for bit, enabled in sorted(now_is.items())
        if not enabled
        and on_word(id_, bit) in remains.on
        # Happens when it takes several turns.
        and newest.get(bit) != (False, Source.SPOTLER)
    ]
    note_sightings(environment_id, found)
    db.session.commit()


def _is_ours(contact: Contact, id_: str, remains: Remains) -> bool:
    """Return whether who has the id in this account is the contact, and not somebody else."""
    return id_ not in remains.unsure or address_key(contact.email) in remains.addresses
