"""Mailings, and what was sent to whom (spotler-api.md §2.8)."""

from dataclasses import dataclass, field
from typing import Any

from demo.spotler.account.contacts import Contact
from demo.spotler.dates import to_iso


@dataclass
class Mailing:
    """A mailing that was sent; ``campaign`` is set for mail of the old campaign module."""

    encrypted_id: str
    name: str
    subject: str
    sent_at: int
    campaign: str | None = None
    sent_count: int = 0

    def as_json(self) -> dict[str, Any]:
        """The mailing as in the list and in histories."""
        if self.campaign is not None:
            return {"encryptedId": self.encrypted_id, "name": self.name, "type": "EMAIL"}
        return {
            "encryptedId": self.encrypted_id,
            "name": self.name,
            "scheduledStartDate": to_iso(self.sent_at),
            "type": "EMAIL",
            "archiveLink": f"https://archief.example/{self.encrypted_id[:12]}",
            "sentCount": self.sent_count,
        }


@dataclass
class Delivery:
    """One mailing to one contact."""

    id: int
    mailing: Mailing
    contact: Contact
    sent_at: int
    opened_at: list[int] = field(default_factory=list)
    clicked_at: list[int] = field(default_factory=list)
    bounce: str | None = None
    """HARD or SOFT; the histories write HARDBOUNCE and SOFTBOUNCE (§2.8 [D])."""
    subscription: int | None = None

    def as_history(self) -> dict[str, Any]:
        """The item of the contact's history."""
        key = "mailing" if self.mailing.campaign is None else "campaignMailing"
        item: dict[str, Any] = {
            key: self.mailing.as_json(),
            "sentDate": to_iso(self.sent_at),
            "opened": bool(self.opened_at),
            "clicked": bool(self.clicked_at),
        }
        if self.subscription is not None:
            item["campaignSubscriptionId"] = self.subscription
        if self.bounce:
            item["bounce"] = f"{self.bounce}BOUNCE"
        return item


@dataclass
class Mailings:
    """The account's mailings and deliveries."""

    all: list[Mailing] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    _of_contact: dict[str, list[Delivery]] = field(default_factory=dict)
    _of_mailing: dict[str, list[Delivery]] = field(default_factory=dict)

    def find(self, encrypted_id: str) -> Mailing | None:
        """The mailing with this id."""
        return next((each for each in self.all if each.encrypted_id == encrypted_id), None)

    def deliver(self, mailing: Mailing, contact: Contact, at: int) -> Delivery:
        """Record that a mailing was sent to a contact."""
        delivery = Delivery(len(self.deliveries) + 1, mailing, contact, at)
        mailing.sent_count += 1
        self.deliveries.append(delivery)
        self._of_contact.setdefault(contact.encrypted_id, []).append(delivery)
        self._of_mailing.setdefault(mailing.encrypted_id, []).append(delivery)
        return delivery

    def to(self, contact: Contact, *, campaigns: bool) -> list[Delivery]:
        """Return what a contact was sent, newest first: by campaigns, or otherwise."""
        sent = self._of_contact.get(contact.encrypted_id, [])
        return [d for d in reversed(sent) if (d.mailing.campaign is not None) == campaigns]

    def of(self, mailing: Mailing) -> list[Delivery]:
        """To whom a mailing was sent."""
        return self._of_mailing.get(mailing.encrypted_id, [])
