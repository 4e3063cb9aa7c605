"""A Mail+ account: everything that one key gives access to."""

import random
from dataclasses import dataclass, field

from demo.spotler.account.audiences import Groups
from demo.spotler.account.automations import Automations
from demo.spotler.account.campaigns import Campaigns
from demo.spotler.account.contacts import Contact, Standing
from demo.spotler.account.directory import Directory
from demo.spotler.account.forms import Forms
from demo.spotler.account.mailings import Mailings
from demo.spotler.account.properties import Schema


@dataclass
class Bounce:
    """A bounce, as contact/bounces/list shows it."""

    at: int
    kind: str
    contact: Contact
    act: str


@dataclass
class Account:
    """Fields, contacts and everything that can be sent to them."""

    schema: Schema
    rng: random.Random
    directory: Directory = field(init=False)
    automations: Automations = field(default_factory=Automations)
    campaigns: Campaigns = field(default_factory=Campaigns)
    mailings: Mailings = field(default_factory=Mailings)
    groups: Groups = field(default_factory=Groups)
    forms: Forms = field(default_factory=Forms)
    bounces: list[Bounce] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start without contacts."""
        self.directory = Directory(self.rng)

    def set_standing(self, contact: Contact, standing: Standing, at: int | None = None) -> None:
        """Set whether the contact can be mailed; this moves lastChanged."""
        contact.standing = standing
        self.directory.touch(contact, at)

    def bounce(self, contact: Contact, kind: str, at: int | None = None) -> None:
        """Record a bounce; a hard one makes the contact inactive (spotler-api.md §4 [D])."""
        if kind == "HARD":
            contact.standing = Standing.HARD_BOUNCED
        self.directory.touch(contact, at)
        act = self.directory.encrypted_id()
        self.bounces.append(Bounce(contact.changed, f"{kind}BOUNCE", contact, act))
