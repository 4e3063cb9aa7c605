"""Writing a contact: validate, match, then insert or update (spotler-api.md §2.1, §3, §7)."""

import re
from dataclasses import dataclass, field
from typing import Any

from demo.spotler.account.account import Account
from demo.spotler.account.contacts import Contact, Standing
from demo.spotler.account.properties import Property
from demo.spotler.account.values import InvalidValue, Value, check, check_set, respelt
from demo.spotler.errors import Refusal, invalid_params
from demo.spotler.ids import id_in
from demo.spotler.settings import Settings

_SEEN_ID = re.compile(r"[A-Za-z0-9_.@+-]{1,64}", re.ASCII)


@dataclass
class Draft:
    """A contact as it was sent, after validation."""

    external_id: str | None
    values: dict[str, Value] = field(default_factory=dict)
    bits: dict[str, tuple[int, int]] = field(default_factory=dict)
    cleared: list[str] = field(default_factory=list)
    test_group: bool | None = None

    @property
    def email(self) -> str:
        """The address that was sent, if any."""
        return str(self.values.get("email", ""))


def external_id_of(payload: Any) -> str | None:
    """The externalId of a contact in a body."""
    return id_in(payload.get("externalId")) if isinstance(payload, dict) else None


def read(payload: Any, account: Account, settings: Settings) -> Draft:
    """Validate a contact in a body; created, channels and other read-only keys are ignored [C]."""
    if not isinstance(payload, dict):
        raise invalid_params("A contact must be a JSON object")
    draft = Draft(_id_of(payload, settings), test_group=_test_group(payload))
    properties = payload.get("properties")
    if properties is None:
        properties = {}
    if not isinstance(properties, dict):
        raise Refusal("PROPERTY_INVALID", "properties must be an object")
    for name, value in properties.items():
        descriptor = account.schema.writable(name)
        if descriptor is None:
            raise Refusal("PROPERTY_INVALID", f"Property {name} is unknown")
        try:
            if descriptor.type == "set":
                draft.bits[name] = check_set(descriptor, value)
            elif value in (None, ""):
                if settings.empty_values == "refuse":
                    raise Refusal("PROPERTY_INVALID", f"Property {name} is empty")
                if settings.empty_values == "clear":
                    draft.cleared.append(name)
            else:
                draft.values[name] = _kept(descriptor, value, settings)
        except InvalidValue as error:
            raise Refusal("PROPERTY_INVALID", str(error)) from error
    return draft


def _id_of(payload: dict[str, Any], settings: Settings) -> str | None:
    external_id = external_id_of(payload)
    if external_id is None and payload.get("externalId") not in (None, ""):
        raise invalid_params("externalId is no id")
    if external_id and not settings.odd_external_ids and not _SEEN_ID.fullmatch(external_id):
        raise Refusal("PROPERTY_INVALID", "externalId is invalid")
    return external_id


def _kept(descriptor: Property, value: Any, settings: Settings) -> Value:
    """The value as it is stored."""
    kept = check(descriptor, value, foreign=settings.foreign_postcodes)
    if 0 < settings.longest_text < len(str(kept)):
        raise InvalidValue(f"Property {descriptor.name} is too long")
    return respelt(descriptor, kept) if settings.respells else kept


def _test_group(payload: dict[str, Any]) -> bool | None:
    given = payload.get("testGroup")
    if given is not None and not isinstance(given, bool):
        raise Refusal("PROPERTY_INVALID", "testGroup must be true or false")
    return given


def match(draft: Draft, account: Account, settings: Settings) -> Contact | None:
    """Find the known contact: by externalId, then by address if that rule is on ([I] §7)."""
    if draft.external_id is not None:
        known = account.directory.by_external_id(draft.external_id)
        if known is not None:
            return known
    if not settings.dedup_by_email or not draft.email:
        return None
    return next(iter(account.directory.by_email(draft.email)), None)


def apply(
    draft: Draft, contact: Contact | None, account: Account, settings: Settings, *, purge: bool
) -> Contact:
    """Write a checked contact, as a new one when there is none."""
    if contact is not None:
        _refuse_if_inactive(contact, settings)
        _refuse_without_channel(draft, contact, purge=purge)
    else:
        _refuse_without_channel(draft, None, purge=purge)
        contact = account.directory.create()
    directory = account.directory
    if draft.external_id is not None and draft.external_id != contact.external_id:
        directory.give_external_id(contact, draft.external_id)
    gone = [*draft.cleared, *(set(contact.properties) - set(draft.values) if purge else ())]
    for name in gone:
        directory.set_property(contact, name, None)
    for name, value in draft.values.items():
        directory.set_property(contact, name, value)
    if purge and settings.purge_clears_bits:
        contact.sets.clear()
    for name, (on, off) in draft.bits.items():
        contact.sets[name] = (contact.sets.get(name, 0) | on) & ~off
    if draft.test_group is not None:
        contact.test_group = draft.test_group
    if settings.writes_reactivate:
        contact.standing = Standing.ACTIVE
    directory.touch(contact, is_update=settings.updates_show_writes)
    return contact


def _refuse_if_inactive(contact: Contact, settings: Settings) -> None:
    if contact.standing is Standing.OPTED_OUT and not settings.accept_opted_out:
        raise Refusal("CONTACT_OPTOUT", "The contact has opted out")
    if settings.refuse_inactive and contact.standing not in (Standing.ACTIVE, Standing.OPTED_OUT):
        raise Refusal("NO_ACTIVE_CHANNEL", "The contact has no active channel")


def _refuse_without_channel(draft: Draft, contact: Contact | None, *, purge: bool) -> None:
    # A contact that would have neither address nor mobile number: our reading of the code [I].
    kept = {} if contact is None or purge else contact.properties
    reachable = (set(kept) - set(draft.cleared)) | set(draft.values)
    if not reachable & {"email", "mobileNumber"}:
        raise Refusal(
            "NO_ACTIVE_CHANNEL", "The contact has neither e-mail address nor mobile number"
        )


def save(
    payload: Any, account: Account, settings: Settings, *, update: bool, purge: bool
) -> Contact:
    """POST contact, and one item of contact/list: insert, or update when that is allowed."""
    draft = read(payload, account, settings)
    forced = settings.forced_codes.get(draft.external_id or "")
    if forced:
        raise Refusal(forced, f"The sandbox was told to answer {forced}")
    contact = match(draft, account, settings)
    if contact is not None and not update:
        raise Refusal("CONTACT_ALREADY_EXISTS", "The contact exists and update is false")
    return apply(draft, contact, account, settings, purge=purge)
