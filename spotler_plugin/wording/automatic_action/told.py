"""Words of the automatic actions: what one did for a contact, or would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from spotler_plugin.models import EnrolmentState, FiringState, Outcome
from spotler_plugin.planning.adjustment import Adjustment, Skipped, Switch
from spotler_plugin.planning.plan import ChangeKind
from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.automatic_action.history import FiringView, Start
from spotler_plugin.services.automatic_action.try_out import Foreseen
from spotler_plugin.services.desired import Alteration
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.adjustments import switch_words
from spotler_plugin.wording.consent.permissions import permission_word
from spotler_plugin.wording.reasons import failed_text, reason_text
from spotler_plugin.wording.runs import left_out, outcome_text, outcome_word, parted
from spotler_plugin.wording.starts import not_started
from spotler_plugin.wording.text import Text

_MARKS = {
    Outcome.OPEN: "pending",
    Outcome.LINKED: "synced",
    Outcome.UPDATED: "synced",
    Outcome.UNCHANGED: "synced",
    Outcome.BLOCKED: "inactive",
    Outcome.CANCELLED: "not_synced",
}


@dataclass(frozen=True, slots=True)
class Told:
    """How something stands: a shape and a word, why, and what was or would be done."""

    mark: str
    word: str
    text: Text | None
    points: tuple[str, ...]


def firing_told(view: FiringView, crm_name: str, permissions: Mapping[int, str]) -> Told:
    """How a firing stands, and what it did; `permissions` are their labels."""
    failed = view.state is FiringState.FAILED
    points = [
        *(crm_points(view.adjustment, crm_name) if view.told else ()),
        *(_switched(bit, on, view.adjustment, permissions) for bit, on in view.switched.items()),
        *map(str, left_out(view.detail, crm_name) + parted(view.detail)),
        *(_start(start) for start in view.starts),
        *skipped_points(view.skipped),
    ]
    if failed or view.outcome is Outcome.FAILED:
        text = failed_text(view.reason or Reason.UNEXPECTED, crm_name, view.detail)
        return Told("error", _("Mislukt"), text, tuple(points))
    if view.outcome is Outcome.OPEN:
        why = reason_text(view.reason, crm_name, view.detail) if view.reason else None
        return Told("pending", _("Bezig"), why, tuple(points))
    text_ = outcome_text(view.outcome, view.reason, view.detail, crm_name)
    mark = _MARKS.get(view.outcome, "error")
    return Told(mark, outcome_word(view.outcome), text_, tuple(points))


def foreseen_in_crm(foreseen: Foreseen) -> Told:
    """What would happen to the contact in the CRM; the values that differ stand beside it."""
    if foreseen.in_crm:
        return Told("synced", _("Wordt bijgewerkt"), None, ())
    return Told("not_synced", _("Blijft ongewijzigd"), None, ())


def foreseen_in_spotler(
    foreseen: Foreseen, adjustment: Adjustment, crm_name: str, permissions: Mapping[int, str]
) -> Told:
    """What would happen in Spotler; the values that differ stand beside it."""
    change = foreseen.change
    if change is None:
        reason = foreseen.trouble or Reason.CRM_AWAY
        return Told("error", _("Niet te zeggen"), failed_text(reason, crm_name), ())
    points = [
        _switched(bit, on, adjustment, permissions)
        for bit, on in sorted(change.permissions.items())
    ]
    for bit in change.detail.signed_off:
        label = permission_word(bit, permissions)
        points.append(_("%(name)s: blijft uit, want afgemeld", name=label))
    if change.kind is not ChangeKind.BLOCKED:
        points += [_("%(name)s: wordt gestart", name=label) for label in foreseen.starts]
    points += [_("%(name)s: is al gestart", name=label) for label in foreseen.started]
    points += skipped_points(foreseen.skipped)
    mark, word = {
        ChangeKind.LINK: ("synced", _("Wordt gekoppeld")),
        ChangeKind.UPDATE: ("synced", _("Wordt bijgewerkt")),
        ChangeKind.UNCHANGED: ("not_synced", _("Blijft ongewijzigd")),
        ChangeKind.BLOCKED: ("inactive", _("Geblokkeerd")),
    }[change.kind]
    text = reason_text(change.reason, crm_name, change.detail) if change.reason else None
    return Told(mark, word, text, tuple(points))


def alteration_words(alteration: Alteration) -> tuple[str, str, str]:
    """A field of the CRM, before and after."""
    if alteration.field != "active":
        return _("Notitie"), str(alteration.before or ""), str(alteration.after)
    words = {True: _("Actief"), False: _("Inactief")}
    return _("Status"), words[bool(alteration.before)], words[bool(alteration.after)]


def skipped_points(skipped: Skipped) -> list[str]:
    """What is left out, because Spotler does not have it any more."""
    gone = [label for _number, label in (*skipped.permissions, *skipped.automations)]
    return [
        *(_("%(name)s bestaat niet meer in Spotler, overgeslagen", name=label) for label in gone),
        *(
            _("%(name)s is niet meer actief in Spotler, overgeslagen", name=label)
            for _number, label in skipped.inactive
        ),
    ]


def crm_points(adjustment: Adjustment, crm_name: str) -> list[str]:
    """What the CRM changed of the contact."""
    points = []
    if adjustment.note:
        points.append(_("Notitie in %(crm)s gewijzigd", crm=crm_name))
    if adjustment.active is not None:
        status = _("Actief") if adjustment.active else _("Inactief")
        points.append(_("Status in %(crm)s: %(status)s", crm=crm_name, status=status))
    return points


def _switched(bit: int, on: bool, adjustment: Adjustment, permissions: Mapping[int, str]) -> str:
    asked = adjustment.switches.get(bit)
    ground = asked.ground if asked else ""
    return switch_words(permission_word(bit, permissions), Switch(on, ground))


def _start(start: Start) -> str:
    match start.state:
        case EnrolmentState.STARTED:
            return _("%(name)s: gestart", name=start.label)
        case EnrolmentState.WAITING | EnrolmentState.LEAVING:
            return _("%(name)s: wordt gestart", name=start.label)
        case EnrolmentState.UNKNOWN:
            return _("%(name)s: onbekend of deze is gestart", name=start.label)
        case EnrolmentState.REFUSED | EnrolmentState.DROPPED:
            return f"{start.label}: {not_started(start.state, start.reason)}"
