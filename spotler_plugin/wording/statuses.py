"""The status of a contact, in a word and in a sentence."""

from __future__ import annotations

from dataclasses import replace

from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.link.status import LinkStatus, Status
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import ngettext
from spotler_plugin.wording.contact.lag import behind_text, closed_text, there_text
from spotler_plugin.wording.reasons import failed_text, reason_text
from spotler_plugin.wording.text import Text


def status_word(status: str) -> str:
    """The word beside a status's shape and colour."""
    return {
        Status.SYNCED: _("Gesynchroniseerd"),
        Status.NOT_SYNCED: _("Niet gesynchroniseerd"),
        Status.INACTIVE: _("Inactief"),
        Status.PENDING: _("Bezig"),
        Status.ERROR: _("Mislukt"),
    }[Status(status)]


def status_text(standing: LinkStatus, crm_name: str) -> Text:
    """What to say beside the status word; for one that is synced only what needs attention."""
    match standing.status:
        case Status.INACTIVE:
            text = inactive_text(standing, crm_name)
            return Text(text.explanation, remedy=text.remedy)
        case Status.ERROR:
            return failed_text(standing.reason or Reason.UNEXPECTED, crm_name, standing.detail)
        case Status.PENDING | Status.NOT_SYNCED if standing.behind:
            return behind_text(standing.behind, crm_name)
        case Status.PENDING:
            return Text(_("Wordt bijgewerkt in Spotler…"))
        case Status.SYNCED | Status.NOT_SYNCED if standing.reason:
            return reason_text(standing.reason, crm_name, standing.detail)
        case Status.NOT_SYNCED:
            return there_text(standing.there, standing.connected, crm_name)
        case Status.SYNCED if standing.is_linked and standing.synced_at is None:
            return Text(_("Stond al in Spotler; sinds het koppelen is er niets bijgewerkt."))
        case Status.SYNCED:
            return Text("")


def inactive_text(standing: LinkStatus, crm_name: str) -> Text:
    """Why a contact is inactive, since when, and whether that can be undone."""
    text = reason_text(Reason.INACTIVE, crm_name, standing.detail)
    told = closed_text(standing.closed, crm_name) if standing.closed else ""
    return replace(text, explanation=told) if told and not standing.detail.address else text


def unsure_text(standing: LinkStatus) -> str:
    """That nobody knows of some automations whether they were started."""
    if not standing.automations_unsure:
        return ""
    return ngettext(
        "Van %(count)s automation is niet zeker of die is gestart.",
        "Van %(count)s automations is niet zeker of die zijn gestart.",
        standing.automations_unsure,
        count=standing.automations_unsure,
    )
