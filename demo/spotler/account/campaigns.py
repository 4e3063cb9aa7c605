"""Campaigns of the old module, with external triggers (spotler-api.md §2.4)."""

from dataclasses import dataclass, field
from typing import Any

from demo.spotler import dates
from demo.spotler.account.contacts import Contact


@dataclass
class Campaign:
    """A campaign; triggers are (encryptedId, name)."""

    encrypted_id: str
    name: str
    active: bool
    triggers: list[tuple[str, str]] = field(default_factory=list)
    mailings: list[tuple[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The campaign as campaign/list shows it; triggers are left out when there are none."""
        shown: dict[str, Any] = {
            "encryptedId": self.encrypted_id,
            "name": self.name,
            "active": self.active,
        }
        if self.triggers:
            shown["triggers"] = [
                {"encryptedId": code, "name": name} for code, name in self.triggers
            ]
        return shown


@dataclass
class Participation:
    """A contact in a campaign; its id is the campaignSubscriptionId, an int32 [D]."""

    id: int
    campaign: Campaign
    contact: Contact
    at: int
    fields: list[Any]
    stopped_at: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The participation for the control interface."""
        return {
            "campaignSubscriptionId": self.id,
            "campaign": self.campaign.name,
            "encryptedCampaignId": self.campaign.encrypted_id,
            "externalId": self.contact.external_id,
            "encryptedId": self.contact.encrypted_id,
            "time": dates.to_iso(self.at),
            "fields": self.fields,
            "stopped": None if self.stopped_at is None else dates.to_iso(self.stopped_at),
        }


@dataclass
class Campaigns:
    """The account's campaigns and who is in them."""

    all: list[Campaign] = field(default_factory=list)
    participations: list[Participation] = field(default_factory=list)

    def find(self, encrypted_id: str) -> Campaign | None:
        """The campaign with this id."""
        return next((each for each in self.all if each.encrypted_id == encrypted_id), None)

    def with_trigger(self, code: str) -> Campaign | None:
        """The campaign that a trigger starts."""
        return next((c for c in self.all if any(t[0] == code for t in c.triggers)), None)

    def of(self, contact: Contact) -> list[Participation]:
        """The campaigns a contact was put in, oldest first."""
        return [each for each in self.participations if each.contact is contact]

    def running(self, campaign: Campaign, contact: Contact) -> Participation | None:
        """The participation that has not been stopped."""
        return next(
            (p for p in self.of(contact) if p.campaign is campaign and p.stopped_at is None), None
        )
