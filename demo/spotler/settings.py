"""The switches of the sandbox: how the account or the service may differ."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from demo.spotler.errors import invalid_params
from demo.spotler.manners import MANNERS

_CHOICES: dict[str, tuple[str | int, ...]] = {
    "auth_failure": ("401", "403", "text"),
    "empty_values": ("ignore", "clear", "refuse"),
    "finest_date": ("millisecond", "minute", "day"),
    "large_pages": ("cut", "refuse"),
    "next_after_last": ("absent", "empty", "beyond"),
    "next_host": ("ours", "inside"),
    "opted_out_status": (400, 403, 409),
    "paging_after": ("this", "next"),
}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fits(name: str, present: Any, value: Any) -> bool:
    if name in _CHOICES:
        return isinstance(value, type(present)) and value in _CHOICES[name]
    if name == "latency":
        both = value if isinstance(value, list) and len(value) == 2 else [value]
        return all(_is_number(each) for each in both)
    return _is_number(value) if _is_number(present) else isinstance(value, type(present))


@dataclass
class Settings:
    """All switches, with the assumption of ``spotler-api.md`` as default."""

    latency: float | list[float] = 0.0
    """Seconds before each answer, or [least, most]."""
    calls_per_second: float = 0
    """More calls in a clock second are answered 429; 0: no limit, as none is known (§6)."""
    parallel_calls: int = 0
    """More calls at once are answered 429; 0: no limit, as none is known (§6)."""
    retry_after: bool = True
    """Whether a 429 says how long to wait ([U] §6)."""
    revoked: bool = False
    """Every key is unknown, as after deleting the authentication in Mail+."""
    auth_failure: str = "401"
    """How failed authentication is answered: 401, 403, or text (401 without JSON) (§1.4)."""
    check_nonce: bool = True
    check_clock: bool = True
    """Refuse a nonce used before; refuse a timestamp more than five minutes off ([U] §1.3)."""
    json_by_default: bool = True
    """Whether a body, and an answer, of which nobody says what it is is JSON ([U] §1.2)."""
    optional_keys: bool = True
    """Whether answers have what the description requires of none, such as encryptedActId (§2)."""
    dedup_by_email: bool = True
    """A new externalId with a known address moves the externalId to that contact (§7 [I])."""
    odd_external_ids: bool = True
    """Whether an externalId may be longer than 64, or hold other signs than were seen ([U] §7)."""
    list_creates: bool = True
    """Whether contact/list with update inserts too, or answers CONTACT_UNKNOWN (§2.1 [U])."""
    repeated_ids: bool = True
    """Whether contact/list takes one externalId twice ([U] §2.1)."""
    answers_in_order: bool = True
    """Whether contact/list answers in the order of the request ([I] §2.1)."""
    accept_opted_out: bool = False
    """Accept writes to contacts that opted out; they stay opted out (§11)."""
    opted_out_status: int = 400
    """The status of a single write that is refused with CONTACT_OPTOUT ([U] §12)."""
    writes_reactivate: bool = False
    """Whether a write that is accepted makes an inactive contact active ([U] §4)."""
    refuse_inactive: bool = False
    """Answer NO_ACTIVE_CHANNEL to writes on contacts that bounced or were set inactive ([I] §4)."""
    subscribe_reactivates: bool = True
    """Whether subscription/subscribe lifts an opt-out ([U] §4: assume that it might)."""
    empty_values: str = "ignore"
    """What null and "" do to one property: ignore, clear or refuse ([U] §2.1)."""
    purge_clears_bits: bool = True
    """Whether a write with purge switches off the bits that it does not send ([U] §2.1)."""
    respells: bool = False
    """Whether values are given back in a spelling of the service's own ([U] §3)."""
    foreign_postcodes: bool = False
    """Whether a postcode may be other than Dutch ([U] §3)."""
    longest_text: int = 0
    """Characters that a text may have; 0: no limit, as none is known ([U] §3)."""
    search_shows_inactive: bool = True
    """Whether contact/search finds contacts that cannot be mailed ([U] §2.2)."""
    search_is_exact: bool = True
    """Whether contact/search finds whole values only, or also who has it in one ([U] §2.2)."""
    search_folds_case: bool = True
    """Whether contact/search finds an address whatever its capitals ([U] §2.2)."""
    updates_show_inactive: bool = True
    """Whether updates/list has contacts that cannot be mailed ([U] §12)."""
    updates_show_writes: bool = True
    """Whether a write by the API makes a contact that was there an update ([U] §12)."""
    lag: float = 0.0
    """Seconds until search and updates/list know of a change ([U] §2.1)."""
    finest_date: str = "millisecond"
    """fromDate and toDate stand for whole milliseconds, minutes or days ([U] §12)."""
    longest_window: int = 0
    """Days between fromDate and toDate at most; 0: no limit, as none is known ([U] §12)."""
    large_pages: str = "cut"
    """What a pageSize above 10,000 does: cut or refuse ([U] §5)."""
    next_after_last: str = "absent"
    """What next is on the last page: absent, empty, or beyond the end ([U] §5)."""
    next_host: str = "ours"
    """Whether next names the host that was called, or one inside the service ([U] §5)."""
    paging_after: str = "this"
    """Whether paging.after is the offset of this page, or of the next ([U] §5)."""
    empty_lists: bool = True
    """Whether a page without items has its list all the same, or no list ([U] §12)."""
    offsets: bool = True
    """Whether moments in answers tell their offset, or are naive Dutch time ([U] §5)."""
    messages: bool = True
    """Whether a refusal says more than its code ([U] §2)."""
    anonymize_forgets: bool = False
    """Whether the externalId of an anonymised contact answers 404 afterwards ([U] §4)."""
    automation_list: bool = True
    automation_list_path: str = "/automation/list"
    """The list of automations, and its path; the real path is not known ([U] §2.5)."""
    automation_contact_id: bool = True
    """Whether a start answers with the automationContactId that newer answers carry (§2.5 [C])."""
    automations_in_history: bool = False
    """Whether mail of automations stands among the campaign mailings of a contact ([U] §2.8)."""
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
