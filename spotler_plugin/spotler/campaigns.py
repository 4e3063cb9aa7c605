"""Campaigns, the module before automations (spotler-api.md §2.4)."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

from spotler_plugin.rest.shapes import maps, text, word
from spotler_plugin.spotler.automations import TriggerResult
from spotler_plugin.spotler.errors import UnknownOutcome
from spotler_plugin.spotler.shapes import readable
from spotler_plugin.spotler.transport import Transport


@dataclass(frozen=True, slots=True)
class CampaignTrigger:
    """An external trigger of a campaign."""

    encrypted_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign; one without triggers, or not active, cannot be started."""

    encrypted_id: str
    name: str
    active: bool
    triggers: tuple[CampaignTrigger, ...] = ()


class Campaigns:
    """The campaigns of one account."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self) -> builtins.list[Campaign]:
        """Return all campaigns, also those that cannot be started. Raises SpotlerError."""
        path = "campaign/list"
        return readable(self._transport.get(path), _campaign, f"GET {path}")

    def trigger(self, encrypted_trigger_id: str, external_id: str) -> TriggerResult:
        """Start a campaign for a contact; raises as `Automations.trigger` does."""
        answer = self._transport.post(
            "campaign/trigger/{}",
            encrypted_trigger_id,
            body=_contact(external_id),
            once=True,
            answers=(400, 404),
        )
        if answer is None:
            return TriggerResult(True, "OK")
        reason = text(answer.get("errorType")) if isinstance(answer, dict) else ""
        if reason:
            return TriggerResult(False, reason)
        raise UnknownOutcome("POST campaign/trigger/{}: the answer cannot be understood.")

    def stop(self, encrypted_campaign_id: str, external_id: str) -> None:
        """Take a contact out of a campaign. May be repeated.

        Raises NotFound for an unknown campaign, Refused when the contact is not in it.
        """
        self._transport.post("campaign/{}/stop", encrypted_campaign_id, body=_contact(external_id))


def _contact(external_id: str) -> dict[str, str]:
    if not external_id:
        raise ValueError("A campaign needs the contact's external id.")
    return {"externalContactId": external_id}


def _campaign(raw: dict[str, Any]) -> Campaign | None:
    encrypted_id = word(raw.get("encryptedId"))
    if not encrypted_id:
        return None
    return Campaign(
        encrypted_id=encrypted_id,
        name=text(raw.get("name")),
        active=raw.get("active") is True,
        triggers=tuple(
            CampaignTrigger(trigger_id, text(each.get("name")))
            for each in maps(raw.get("triggers"))
            if (trigger_id := word(each.get("encryptedId")))
        ),
    )
