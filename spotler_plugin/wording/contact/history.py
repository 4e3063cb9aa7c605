"""The lines of a contact's history in words: what happened, by whom, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from spotler_plugin.models import EnrolmentState, EventType, FiringState, Outcome, Source
from spotler_plugin.planning.history.place import Kind
from spotler_plugin.services.drift.items import Writer
from spotler_plugin.services.history.acts import Settled, Switched
from spotler_plugin.services.history.erasures import Erased, Lifted
from spotler_plugin.services.history.items import Carried
from spotler_plugin.services.history.page import Happening
from spotler_plugin.services.history.starts import Started
from spotler_plugin.services.history.told import Fired, Told
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.consent.permissions import permission_word
from spotler_plugin.wording.consent.switches import by_whom
from spotler_plugin.wording.events import nothing_done, type_word, waiting_text
from spotler_plugin.wording.reasons import failed_text, reason_text
from spotler_plugin.wording.runs import outcome_text, outcome_word, run_title
from spotler_plugin.wording.starts import not_started
from spotler_plugin.wording.text import Text

_KINDS: dict[Kind, Callable[[], str]] = {
    Kind.LINK: lambda: _("Koppeling"),
    Kind.VALUES: lambda: _("Waarden"),
    Kind.PERMISSION: lambda: _("Permissies"),
    Kind.AUTOMATION: lambda: _("Automations"),
    Kind.BLOCKED: lambda: _("Niet gelukt"),
    Kind.EVENT: lambda: _("Uit het CRM"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What things and people are called, as far as that is known."""

    crm: str
    permissions: Mapping[int, str]
    contacts: Mapping[str, str]
    """Of other contacts, by id."""

    def permission(self, bit: int) -> str:
        return permission_word(bit, self.permissions)

    def contact(self, contact_id: str) -> str:
        name = self.contacts.get(contact_id)
        return f"{name} ({contact_id})" if name else contact_id


def kind_word(kind: Kind) -> str:
    return _KINDS[kind]()


def happened_text(happened: Happening, contact_id: str, names: Names) -> Text:
    """What happened to the contact, in a title and the rest."""
    match happened:
        case Switched():
            return _switched(happened, contact_id, names)
        case Carried():
            return _carried(happened, names)
        case Started():
            return _started(happened)
        case Settled():
            return _settled(happened, names)
        case Told():
            return _told(happened, contact_id, names)
        case Fired():
            return _fired(happened, names)
        case Erased():
            return _erased(happened, names)
        case Lifted():
            who = happened.actor_name or _("onbekend")
            return Text(_("Koppelen weer toegestaan door %(who)s", who=who))


def _switched(act: Switched, contact_id: str, names: Names) -> Text:
    permission, who = names.permission(act.bit), by_whom(act.source, act.actor_name)
    parts = []
    if act.contact_id != contact_id:
        parts.append(_("Bij %(contact)s.", contact=names.contact(act.contact_id)))
    if act.ground:
        parts.append(_("Grond: %(ground)s.", ground=act.ground.rstrip(".")))
    if act.is_open:
        parts.append(_("Wacht nog."))
    elif not act.is_applied:
        parts.append(_("Niet uitgevoerd."))
    if act.source is Source.SPOTLER:
        title = _("%(permission)s: aangemeld via Spotler", permission=permission)
        if not act.enabled:
            title = _("%(permission)s: afgemeld via Spotler", permission=permission)
    elif act.enabled:
        title = _("%(permission)s aangezet door %(who)s", permission=permission, who=who)
    else:
        title = _("%(permission)s uitgezet door %(who)s", permission=permission, who=who)
    return Text(title, " ".join(parts))


def _carried(item: Carried, names: Names) -> Text:
    title = run_title(Writer(item.run_id, item.kind, item.source, item.actor_name, item.undo))
    told = outcome_text(item.outcome, item.reason, item.detail, names.crm)
    if told is None and not item.is_kept:
        told = Text(_("Wat er veranderde wordt niet meer bewaard."))
    word = _("Wacht") if item.outcome is Outcome.OPEN else outcome_word(item.outcome)
    return Text(f"{word} · {title}", str(told) if told else "")


def _started(start: Started) -> Text:
    label, who = start.label, by_whom(start.source, start.actor_name)
    match start.state:
        case EnrolmentState.STARTED:
            return Text(_("%(automation)s gestart door %(who)s", automation=label, who=who))
        case EnrolmentState.WAITING | EnrolmentState.LEAVING:
            asked = _("%(automation)s gevraagd door %(who)s", automation=label, who=who)
            return Text(asked, _("Wordt gestart."))
        case EnrolmentState.UNKNOWN:
            asked = _("%(automation)s gevraagd door %(who)s", automation=label, who=who)
            return Text(asked, _("Het is niet zeker of deze automation is gestart."))
    asked = _("%(automation)s gevraagd door %(who)s", automation=label, who=who)
    why = not_started(start.state, start.reason)
    return Text(asked, f"{why[:1].upper()}{why[1:]}.")


def _settled(act: Settled, names: Names) -> Text:
    who = act.actor_name or _("onbekend")
    if act.owner_id == act.contact_id:
        return Text(_("E-mailadres is van deze contactpersoon, zei %(who)s", who=who))
    owner = names.contact(act.owner_id)
    return Text(_("E-mailadres is van %(owner)s, zei %(who)s", owner=owner, who=who))


def _told(event: Told, contact_id: str, names: Names) -> Text:
    title = type_word(event.type)
    if event.type is EventType.CONTACT_MERGED and event.contact_id and event.merged_id:
        if contact_id == event.merged_id:
            title = _("Samengevoegd in %(contact)s", contact=names.contact(event.contact_id))
        else:
            title = _("Samengevoegd met %(contact)s", contact=names.contact(event.merged_id))
    if event.is_waiting:
        return Text(title, str(waiting_text(event.reason, names.crm)))
    if event.has_failed:
        return Text(title, str(failed_text(event.reason, names.crm)) if event.reason else "")
    return Text(title, nothing_done(event.outcome))


def _fired(firing: Fired, names: Names) -> Text:
    title = _("Automatische actie „%(name)s”", name=firing.action)
    if firing.to_phase:
        title = _("Automatische actie „%(name)s”, bij verkoopfase %(phase)s", name=firing.action,
                  phase=firing.to_phase)  # fmt: skip
    if firing.state is FiringState.HANDED_OVER or firing.reason is None:
        return Text(title, firing.message)
    words = failed_text if firing.state is FiringState.FAILED else reason_text
    return Text(title, str(words(firing.reason, names.crm)))


def _erased(erasure: Erased, names: Names) -> Text:
    title = _("Gegevens gewist, gevraagd door %(who)s", who=erasure.actor_name or names.crm)
    if erasure.is_done:
        return Text(title)
    if erasure.reason is not None:
        return Text(title, str(reason_text(erasure.reason, names.crm)))
    return Text(title, _("Onze kopieën zijn weg. Spotler en de back-ups volgen vanzelf."))
