"""Why a contact, or one of its values, was not written; the screens put these into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    # About the contact.
    NO_ADDRESS = "no_address"
    ADDRESS_MALFORMED = "address_malformed"
    """What stands in its place is no e-mail address. Detail: `address`, as people see it."""
    ADDRESS_REFUSED = "address_refused"
    ADDRESS_OF_ANOTHER = "address_of_another"
    """Detail: `holder`, the external id that has it in Spotler."""
    ID_OF_ANOTHER = "id_of_another"
    """Who has our id in Spotler has another address there. Detail: `address`."""
    ADDRESS_DOUBLED = "address_doubled"
    """Another CRM contact with this address is, or is being, linked. Detail: `contact_id`."""
    ADDRESS_LEFT = "address_left"
    """A person said that the address is another contact's. Detail: `contact_id`."""
    INACTIVE = "inactive"
    GONE = "gone"
    """The CRM no longer knows the contact."""
    CRM_UNREADABLE = "crm_unreadable"
    """The CRM's answer about the contact is not of the contract's form."""
    CRM_INACTIVE = "crm_inactive"
    NOT_LINKED = "not_linked"
    """A synchronisation links nobody new."""
    GONE_IN_SPOTLER = "gone_in_spotler"
    """Spotler no longer knows the contact by our id: it was deleted there, or has another id."""
    SIGNED_OFF = "signed_off"
    """A sign-off newer than the act wins. Detail: `signed_off`, `off_at`."""
    SIGNED_OFF_BEFORE = "signed_off_before"
    """An act about many, or of an automatic action, lifts no sign-off. Detail: the same."""
    NOT_AGAIN = "not_again"
    """Who signed off is not switched on here by others, or not without a ground. Detail: the same.
    """
    SWITCHED_SINCE = "switched_since"
    """A permission is no longer as the screen showed it to who saved it. Detail: `moved`."""
    NOT_IN_BACKUP = "not_in_backup"
    """The backup that is put back does not have it."""
    BACKUP_GONE = "backup_gone"
    """The backup that is put back was deleted."""
    ERASED = "erased"
    """Its data were erased: it is not linked again until an administrator lifts that."""
    CHANGED_SINCE = "changed_since"
    """Somebody else changed what an undo would take back. Detail: `since`, `stays_on`."""

    # About an automatic action.
    ACTION_OFF = "action_off"
    """It was switched off, or deleted, before it was carried out."""
    FORMER_ACCOUNT = "former_account"
    """It was last saved for a Spotler account that was replaced since."""
    RESTORED = "restored"
    """The database was put back from a copy: it may have been done since the copy was made."""
    CRM_DECLINED = "crm_declined"
    """The CRM does not change the contact so. Detail: `message`."""

    # About a backup.
    NO_ROOM = "no_room"
    """The database has no room for it."""
    FILE_CUT = "file_cut"
    """The upload of a file did not come to its end."""
    FILE_UNREADABLE = "file_unreadable"
    """It is no table of text."""
    NO_BACKUP = "no_backup"
    """The first one could not be made: a person decides whether a run writes without."""

    # About a selection.
    SELECTION_GONE = "selection_gone"
    """The CRM no longer has it."""
    SELECTION_UNEVEN = "selection_uneven"
    """Its pages do not hold as many contacts as the CRM says."""

    # About a value; a `Refusal` names its field and property.
    VALUE_REFUSED = "value_refused"
    """Spotler refused it. Detail: `message`, `code`."""
    FOREIGN_POSTCODE = "foreign_postcode"
    NOT_A_POSTCODE = "not_a_postcode"
    NOT_A_MOBILE = "not_a_mobile"
    """It is no mobile number, or more than one."""
    NOT_AN_ADDRESS = "not_an_address"
    NOT_A_NUMBER = "not_a_number"
    NOT_A_DATE = "not_a_date"
    NOT_A_GENDER = "not_a_gender"
    PROPERTY_GONE = "property_gone"
    """The account no longer has the property, or hides it."""
    PERMISSION_GONE = "permission_gone"
    ENTRY_MISSING = "entry_missing"
    """Keywords that no entry of the set is called; the others are sent. A `Refusal` names them."""
    ENTRY_MOVED = "entry_moved"
    """Entries of a set that a backup has, and of which it is not known what they are by now: the
    others go back. A `Refusal` names them."""
    ENTRY_RENAMED = "entry_renamed"
    """Entries of a set that an undo would put on, and that were called otherwise when the run was
    made. A `Refusal` names them."""
    UNREADABLE = "unreadable"
    """It is of a form that its field does not have, such as a list where a text should be."""
    UNFIT = "unfit"
    """The two types do not go together."""

    # About the connection with the CRM or Spotler.
    NOT_CONNECTED = "not_connected"
    UNCONFIRMED = "unconfirmed"
    """The key is another account's, and nobody has confirmed it yet."""
    CREDENTIALS_REFUSED = "credentials_refused"
    SPOTLER_AWAY = "spotler_away"
    SPOTLER_REFUSED = "spotler_refused"
    """Detail: `message`, `code`."""
    CRM_REFUSED = "crm_refused"
    CRM_AWAY = "crm_away"
    STOPPED_MIDWAY = "stopped_midway"
    """The run was stopped after a write that was sent and not answered."""
    STOPPED_IN_CRM = "stopped_in_crm"
    """The run was stopped after the CRM changed it, or may have, and before Spotler was told."""
    BUSY = "busy"
    """Spotler or the account's rate limit asks us to wait."""
    SLOW = "slow"
    """CRM or Spotler keeps so many screens waiting that another one does not ask."""
    BEYOND_AGREED = "beyond_agreed"
    """A run would empty or switch off more than its preview said."""
    UNEXPECTED = "unexpected"
    """A bug of ours, or a contact on which workers keep dying."""


OF_ADDRESS = frozenset(
    {
        Reason.ADDRESS_OF_ANOTHER,
        Reason.ADDRESS_DOUBLED,
        Reason.ADDRESS_LEFT,
        Reason.ID_OF_ANOTHER,
    }
)
"""Reasons that a person may override by saying that the address, or the id, is this contact's."""
OF_CONSENT = (Reason.SIGNED_OFF, Reason.NOT_AGAIN, Reason.SIGNED_OFF_BEFORE)
"""Reasons for which a permission stays off; of several the first is told."""
TRANSIENT = frozenset({Reason.SPOTLER_AWAY, Reason.BUSY, Reason.CRM_AWAY, Reason.SLOW})
"""Reasons that go away by themselves."""
OF_ENTRIES = frozenset({Reason.ENTRY_MISSING, Reason.ENTRY_MOVED, Reason.ENTRY_RENAMED})
"""Reasons that name a part of a value."""
FOR_SPOTLER = frozenset({Reason.INACTIVE})
"""Reasons that can only be removed in Spotler."""
FOR_SCREEN = frozenset({Reason.SWITCHED_SINCE})
"""Reasons that only somebody at the contact's own screen can remove."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A value that could not be sent, and why."""

    field: str
    """What the words about it call it."""
    property: str
    reason: Reason
    words: tuple[str, ...] = ()
    """The part of the value that it is about; empty when it is all of it."""
    value: str = ""
    """All of it, as people see it; empty where that is not needed to find it."""

    def to_json(self) -> dict[str, Any]:
        stored = {"field": self.field, "property": self.property, "reason": self.reason.value}
        words = {"words": list(self.words)} if self.words else {}
        return {**stored, **words, **({"value": self.value} if self.value else {})}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Refusal:
        words = tuple(value.get("words", ()))
        reason = Reason(value["reason"])
        return cls(value["field"], value["property"], reason, words, value.get("value", ""))
