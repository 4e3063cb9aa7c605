"""The status of a contact, in a word and in a sentence."""

from __future__ import annotations

from spotler_plugin.planning.reason import Reason
from spotler_plugin.services.link.status import LinkStatus, Status
from spotler_plugin.translation import gettext as _
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
        case Status.PENDING:
            return Text(_("Wordt bijgewerkt in Spotler…"))
        case Status.INACTIVE:
            text = reason_text(Reason.INACTIVE, crm_name, standing.detail)
            return Text(text.explanation, remedy=text.remedy)
        case Status.ERROR:
            return failed_text(standing.reason or Reason.UNEXPECTED, crm_name, standing.detail)
        case Status.SYNCED | Status.NOT_SYNCED if standing.reason:
            return reason_text(standing.reason, crm_name, standing.detail)
        case Status.NOT_SYNCED:
            return Text(_("Deze contactpersoon staat nog niet in Spotler."))
        case Status.SYNCED:
            return Text("")
