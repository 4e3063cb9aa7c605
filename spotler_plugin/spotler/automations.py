"""Automations: the list, and starting one for a contact (spotler-api.md §2.5)."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from typing import Any

from spotler_plugin.rest.shapes import maps, text, word
from spotler_plugin.spotler.errors import NotFound, Refused, UnknownOutcome
from spotler_plugin.spotler.shapes import readable
from spotler_plugin.spotler.transport import Transport

LIST_PATH = "automation/list"
"""The list exists today; its path was not found in public: spotler-api.md §2.5, §12 [I, weak]."""

TRIGGER = "automation/trigger/{}"
NOT_STARTED = ("NOT_TRIGGERED", "TRIGGER_NOTFOUND", "CONTACT_NOTFOUND")


@dataclass(frozen=True, slots=True)
class TriggerResult:
    """Whether something was started; if not, `result` and `details` say why in Spotler's codes."""

    started: bool
    result: str
    """OK, NOT_TRIGGERED, TRIGGER_NOTFOUND, CONTACT_NOTFOUND, or a campaign's errorType."""
    details: tuple[tuple[str, str], ...] = ()
    """(automation id, result), such as AUTOMATION_INACTIVE or PARTICIPATION_LIMIT_REACHED."""


@dataclass(frozen=True, slots=True)
class AutomationTrigger:
    """An external trigger of an automation; `code` is a UUID."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Automation:
    """An automation with its external triggers."""

    id: str
    name: str
    active: bool
    triggers: tuple[AutomationTrigger, ...] = ()


class Automations:
    """The automations of one account."""

    def __init__(self, transport: Transport, list_path: str = LIST_PATH) -> None:
        self._transport = transport
        self._list_path = list_path

    def list(self) -> builtins.list[Automation] | None:
        """Return the automations, or None where the service has no such list. Raises SpotlerError.

        The answer's form is assumed: spotler-api.md §11 [I]. Without a list, codes are typed in.
        """
        try:
            answer = self._transport.get(self._list_path)
        except NotFound:
            return None
        except Refused as error:
            if error.status == 405:
                return None
            raise
        if isinstance(answer, dict) and "automations" in answer:
            answer = answer["automations"] or []
        return readable(answer, _automation, f"GET {self._list_path}")

    def trigger(self, code: str, external_id: str) -> TriggerResult:
        """Start what listens to the trigger code, for this contact. Do not repeat it blindly.

        Raises UnknownOutcome whenever the call may have arrived, 5xx included. RateLimited and
        Unavailable mean that it did not.
        """
        if not external_id:
            raise ValueError("A trigger needs the contact's external id.")
        body = {"externalContactId": external_id}
        answer = self._transport.post(TRIGGER, code, body=body, once=True, answers=(404, 417))
        return _result(answer)


def _result(answer: Any) -> TriggerResult:
    told = answer if isinstance(answer, dict) else {}
    # The general error body has `errorType`, that of the trigger `result`.
    result = text(told.get("result") or told.get("errorType"))
    details = tuple(
        (text(each.get("automationId")), text(each.get("result")))
        for each in maps(told.get("automationResults"))
    )
    if result == "OK":
        return TriggerResult(True, result, details)
    if result in NOT_STARTED:
        return TriggerResult(False, result, details)
    raise UnknownOutcome("POST automation/trigger/{}: the answer cannot be understood.")


def _automation(raw: dict[str, Any]) -> Automation | None:
    automation_id = word(raw.get("id"))
    if not automation_id:
        return None
    return Automation(
        id=automation_id,
        name=text(raw.get("name")) or automation_id,
        active=raw.get("active") is True,
        triggers=tuple(
            AutomationTrigger(code, text(each.get("name")))
            for each in maps(raw.get("triggers"))
            if (code := word(each.get("code")))
        ),
    )
