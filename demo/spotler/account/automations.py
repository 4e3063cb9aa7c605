"""Automations, their external triggers, and who was enrolled when (spotler-api.md §2.5)."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from demo.spotler import dates
from demo.spotler.account.contacts import Contact, Standing

NAMESPACE = uuid.UUID("6f1d2c1e-3b9a-4f43-9c5e-6a1f0b7d2e90")


def code_for(name: str) -> str:
    """A UUID that is the same for the same name in every sandbox."""
    return str(uuid.uuid5(NAMESPACE, name))


@dataclass
class Trigger:
    """An external trigger; several automations may have the same code."""

    code: str
    name: str
    fields: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Automation:
    """A flow; it must be published to start (§2.5 [C])."""

    name: str
    triggers: list[Trigger]
    active: bool = True
    participation_limit: int | None = None
    id: str = ""

    def __post_init__(self) -> None:
        """Derive the id from the name."""
        self.id = self.id or code_for(f"automation {self.name}")

    def as_json(self) -> dict[str, Any]:
        """The invented shape of the list: id, name, active, triggers."""
        return {
            "id": self.id,
            "name": self.name,
            "active": self.active,
            "triggers": [vars(trigger) for trigger in self.triggers],
        }


@dataclass
class Enrolment:
    """One start of one automation for one contact."""

    automation: Automation
    contact: Contact
    trigger: str
    at: int
    fields: list[Any]
    id: str
    stopped_at: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The enrolment for the control interface."""
        return {
            "automationContactId": self.id,
            "automationId": self.automation.id,
            "automation": self.automation.name,
            "externalId": self.contact.external_id,
            "encryptedId": self.contact.encrypted_id,
            "triggerCode": self.trigger,
            "time": dates.to_iso(self.at),
            "fields": self.fields,
            "stopped": None if self.stopped_at is None else dates.to_iso(self.stopped_at),
        }


@dataclass
class Automations:
    """The account's automations and all enrolments."""

    all: list[Automation] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    _of_contact: dict[str, list[Enrolment]] = field(default_factory=dict)

    def with_trigger(self, code: str) -> list[Automation]:
        """The automations that a trigger code starts."""
        return [a for a in self.all if any(t.code == code.lower() for t in a.triggers)]

    def of(self, contact: Contact) -> list[Enrolment]:
        """A contact's enrolments, oldest first."""
        return self._of_contact.get(contact.encrypted_id, [])

    def start(
        self, automation: Automation, contact: Contact, trigger: str, fields: list[Any]
    ) -> tuple[str | None, Enrolment | None]:
        """Enrol the contact, or say why not, as far as there is a word for that."""
        before = sum(each.automation is automation for each in self.of(contact))
        limit = automation.participation_limit
        if not automation.active:
            return "AUTOMATION_INACTIVE", None
        if limit is not None and before >= limit:
            return "PARTICIPATION_LIMIT_REACHED", None
        if contact.standing is not Standing.ACTIVE:
            # None of the three words is about a contact that cannot be mailed (§2.5) [I].
            return None, None
        number = f"{contact.encrypted_id} {automation.id} {len(self.enrolments)}"
        enrolment = Enrolment(
            automation, contact, trigger, dates.now(), fields, code_for(f"run {number}")
        )
        self.enrolments.append(enrolment)
        self._of_contact.setdefault(contact.encrypted_id, []).append(enrolment)
        return "OK", enrolment
