"""Why a contact, or one of its values, was not written; the screens put these into words."""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    # Of the contact.
    NO_ADDRESS = "no_address"
    ADDRESS_REFUSED = "address_refused"
    ADDRESS_OF_ANOTHER = "address_of_another"
    """Detail: `holder`, the external id that has it in Spotler."""
    ADDRESS_DOUBLED = "address_doubled"
    """Another CRM contact with this address is, or is being, linked. Detail: `contact_id`."""
    INACTIVE = "inactive"
    GONE = "gone"
    """The CRM no longer knows the contact."""
    CRM_INACTIVE = "crm_inactive"
    NOT_LINKED = "not_linked"
    """A synchronisation adds nobody."""
    SIGNED_OFF = "signed_off"
    """A sign-off newer than the act was found; it wins. Detail: `bits`."""

    # Of a value. Detail: `field`, `property`.
    VALUE_REFUSED = "value_refused"
    """Spotler's refusal. Detail: `message`."""
    FOREIGN_POSTCODE = "foreign_postcode"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_DATE = "not_a_date"
    NOT_A_GENDER = "not_a_gender"
    UNFIT = "unfit"
    """The two types do not go together."""

    # Of the way there.
    NOT_CONNECTED = "not_connected"
    CREDENTIALS_REFUSED = "credentials_refused"
    SPOTLER_AWAY = "spotler_away"
    SPOTLER_REFUSED = "spotler_refused"
    """Detail: `message`, `code`."""
    CRM_REFUSED = "crm_refused"
    CRM_AWAY = "crm_away"
    BUSY = "busy"
    """Spotler or the account's pace asks us to wait."""
    UNEXPECTED = "unexpected"
    """Our own mistake, or a contact on which workers die; set aside."""


OF_ADDRESS = frozenset({Reason.ADDRESS_OF_ANOTHER, Reason.ADDRESS_DOUBLED})
"""A person may say that the address is this contact's."""
PASSING = frozenset({Reason.SPOTLER_AWAY, Reason.BUSY, Reason.CRM_AWAY})
"""They go away by themselves."""
FOR_SPOTLER = frozenset({Reason.INACTIVE})
"""Only Spotler can take them away."""
