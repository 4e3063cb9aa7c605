"""The switches of the sandbox: how the account or the service may differ."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from demo.spotler.errors import invalid_params

_CHOICES = {"auth_failure": ("401", "403", "text"), "empty_values": ("ignore", "clear", "refuse")}

MANNERS: dict[str, dict[str, Any]] = {
    "strict": {
        "accept_opted_out": False,
        "anonymize_forgets": True,
        "auth_failure": "text",
        "automation_contact_id": False,
        "automation_list": False,
        "check_clock": True,
        "check_nonce": True,
        "dedup_by_email": True,
        "empty_lists": False,
        "empty_values": "refuse",
        "json_for_unknown_path": False,
        "list_creates": False,
        "longest_text": 255,
        "messages": False,
        "offsets": False,
        "purge_clears_bits": True,
        "refuse_inactive": True,
        "search_shows_inactive": False,
        "subscribe_reactivates": True,
    },
    "lenient": {
        "accept_opted_out": True,
        "anonymize_forgets": False,
        "auth_failure": "401",
        "automation_contact_id": True,
        "automation_list": True,
        "check_clock": False,
        "check_nonce": False,
        "dedup_by_email": False,
        "empty_lists": True,
        "empty_values": "clear",
        "json_for_unknown_path": True,
        "list_creates": True,
        "longest_text": 0,
        "messages": True,
        "offsets": True,
        "purge_clears_bits": False,
        "refuse_inactive": False,
        "search_shows_inactive": True,
        "subscribe_reactivates": False,
    },
}
"""Two Mail+ that nothing in the evidence rules out: the client has to live with either."""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fits(name: str, present: Any, value: Any) -> bool:
    if name == "latency":
        both = value if isinstance(value, list) and len(value) == 2 else [value]
        return all(_is_number(each) for each in both)
    if _is_number(present):
        return _is_number(value)
    return isinstance(value, type(present)) and value in _CHOICES.get(name, (value,))


@dataclass
class Settings:
    """All switches, with the assumption of ``spotler-api.md`` as default."""

    latency: float | list[float] = 0.0
    """Seconds before each answer, or [least, most]."""
    calls_per_second: float = 0
    """More calls in a clock second are answered 429; 0: no limit, as none is known (§6)."""
    revoked: bool = False
    """Every key is unknown, as after deleting the authentication in Mail+."""
    auth_failure: str = "401"
    """How failed authentication is answered: 401, 403, or text (401 without JSON) (§1.4)."""
    check_nonce: bool = True
    check_clock: bool = True
    """Refuse a nonce used before; refuse a timestamp more than five minutes off ([U] §1.3)."""
    dedup_by_email: bool = True
    """A new externalId with a known address moves the externalId to that contact (§7 [I])."""
    list_creates: bool = True
    """Whether contact/list with update inserts too, or answers CONTACT_UNKNOWN (§2.1 [U])."""
    accept_opted_out: bool = False
    """Accept writes to contacts that opted out; they stay opted out (§11)."""
    refuse_inactive: bool = False
    """Answer NO_ACTIVE_CHANNEL to writes on contacts that bounced or were set inactive ([I] §4)."""
    subscribe_reactivates: bool = True
    """Whether subscription/subscribe lifts an opt-out ([U] §4: assume that it might)."""
    empty_values: str = "ignore"
    """What null and "" do to one property: ignore, clear or refuse ([U] §2.1)."""
    purge_clears_bits: bool = True
    """Whether a write with purge switches off the bits that it does not send ([U] §2.1)."""
    search_shows_inactive: bool = True
    """Whether contact/search finds contacts that cannot be mailed ([U] §2.2)."""
    empty_lists: bool = True
    """Whether a page without items has its list all the same, or no list ([U] §12)."""
    offsets: bool = True
    """Whether moments in answers tell their offset, or are naive Dutch time ([U] §5)."""
    messages: bool = True
    """Whether a refusal says more than its code ([U] §2)."""
    longest_text: int = 0
    """Characters that a text may have; 0: no limit, as none is known ([U] §3)."""
    anonymize_forgets: bool = False
    """Whether the externalId of an anonymised contact answers 404 afterwards ([U] §4)."""
    automation_list: bool = True
    automation_list_path: str = "/automation/list"
    """The list of automations, and its path; the real path is not known ([U] §2.5)."""
    automation_contact_id: bool = True
    """Whether a start answers with the automationContactId that newer answers carry (§2.5 [C])."""
    audience_licence: bool = True
    """Whether the account has the product that audiences need (§2.6 [D])."""
    json_for_unknown_path: bool = False
    """Answer an unknown path with RESOURCE_NOT_FOUND in JSON instead of a page (§11)."""
    forced_codes: dict[str, str] = field(default_factory=dict)
    """externalId → code: this contact's writes are refused with that code of contact/list; the
    code INVALID_PARAMS refuses the whole call that it is in."""

    def take_manner(self, name: str) -> None:
        """Answer every open question of ``spotler-api.md`` §12 in this manner; the rest stays."""
        if name not in MANNERS:
            raise invalid_params(f"The manners are {', '.join(MANNERS)}")
        self.change(MANNERS[name])

    def change(self, changes: dict[str, Any]) -> None:
        """Set the given switches; an unknown name changes nothing and is a 400."""
        known = {item.name for item in fields(self)}
        unknown = sorted(set(changes) - known)
        if unknown:
            raise invalid_params(f"Unknown settings: {', '.join(unknown)}")
        for name, value in changes.items():
            if not _fits(name, getattr(self, name), value):
                raise invalid_params(f"{name} cannot be {value!r}")
        for name, value in changes.items():
            setattr(self, name, value)

    def as_json(self) -> dict[str, Any]:
        """All switches by name."""
        return asdict(self)
