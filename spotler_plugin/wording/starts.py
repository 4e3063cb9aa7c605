"""Words of an automation that was not started: why, as far as Spotler says so."""

from __future__ import annotations

from collections.abc import Callable

from spotler_plugin.models import EnrolmentState
from spotler_plugin.planning.reason import Reason
from spotler_plugin.translation import gettext as _

# By Spotler's codes, of which it gives one or several.
_REFUSALS: dict[str, Callable[[], str]] = {
    "PARTICIPATION_LIMIT_REACHED": lambda: _("niet gestart: vaker mag niet volgens Spotler"),
    "AUTOMATION_INACTIVE": lambda: _("niet gestart: staat uit in Spotler"),
    "TRIGGER_NOTFOUND": lambda: _("niet gestart: Spotler kent deze automation niet meer"),
    "CONTACT_NOTFOUND": lambda: _("niet gestart: Spotler kent deze contactpersoon niet"),
    "CONTACT_NOT_FOUND": lambda: _("niet gestart: Spotler kent deze contactpersoon niet"),
    "CONTACT_OPTOUT": lambda: _("niet gestart: de contactpersoon is in Spotler afgemeld"),
}


def not_started(state: EnrolmentState, reason: str | None) -> str:
    """Why an automation was not started; Spotler's code itself is for the details."""
    if state is EnrolmentState.REFUSED:
        known = (words for code, words in _REFUSALS.items() if code in (reason or ""))
        return next(known, lambda: _("niet gestart: Spotler weigerde dit"))()
    if reason == Reason.SPOTLER_AWAY:
        return _("niet gestart: Spotler was niet bereikbaar")
    if reason == "contact_not_written":
        return _("niet gestart: de contactpersoon is niet opgeslagen")
    return _("niet gestart")
