"""In what Spotler is behind and why it waits, and what it has of who is not linked."""

from __future__ import annotations

from datetime import datetime

from spotler_plugin.models import Source
from spotler_plugin.planning.reason import TRANSIENT, Reason
from spotler_plugin.services.consent.seen import BOUNCE
from spotler_plugin.services.link.lag import Behind, Closed, Lag, There
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import short_day, time_of
from spotler_plugin.wording.reader import repaired_by
from spotler_plugin.wording.reasons import reason_text
from spotler_plugin.wording.text import Text


def behind_text(behind: Behind, crm_name: str) -> Text:
    """What has not gone to Spotler, since when, why not, and when it will."""
    since = time_of(behind.since) if behind.since else ""
    match behind.lag:
        case Lag.ASKED if behind.reason is None:
            return Text(_("Wordt bijgewerkt in Spotler…"))
        case Lag.ASKED:
            title = _("Een wijziging van %(moment)s is nog niet in Spotler.", moment=since)
            return _waiting(title, behind.reason, behind.until, crm_name)
        case Lag.CHANGED:
            title = _(
                "Gewijzigd in %(crm)s (%(moment)s); dat is nog niet in Spotler.",
                crm=crm_name,
                moment=since,
            )
            return _waiting(title, behind.reason, behind.until, crm_name)
        case Lag.CUT_OFF:
            text = Text(_("Er is geen verbinding met Spotler."))
            if behind.reason not in (None, Reason.NOT_CONNECTED):
                text = reason_text(behind.reason, crm_name)
            told = _("Sinds %(moment)s gaat er niets naar Spotler.", moment=since) if since else ""
            return Text(_ended(text.title), told, repaired_by(crm_name))
        case Lag.STOPPED:
            return Text(
                _("De synchronisatie van %(moment)s is hier niet aan toe gekomen.", moment=since),
                _("Die is gestopt. Wat er in %(crm)s wijzigde, kan hier ontbreken.", crm=crm_name),
            )
        case Lag.DIFFERED:
            return Text(
                _(
                    "%(crm)s en Spotler waren niet gelijk bij de vergelijking van %(moment)s.",
                    crm=crm_name,
                    moment=since,
                )
            )


def waiting_words(reason: Reason | None, until: datetime | None, crm_name: str) -> str:
    """What something waits for, and when it is tried again; empty where it does not wait."""
    if reason is None:
        return ""
    if reason not in TRANSIENT | {Reason.SPOTLER_REFUSED}:
        return _("wacht op een beheerder")
    for_crm = reason is Reason.CRM_AWAY
    told = _("wacht op %(crm)s", crm=crm_name) if for_crm else _("wacht op Spotler")
    if until is None:
        return told
    return f"{told}, " + _("volgende poging: %(time)s", time=time_of(until))


def closed_text(closed: Closed, crm_name: str) -> str:
    """Why a contact is inactive and since when, as far as known."""
    if closed.at is None:
        return ""
    day = short_day(closed.at)
    if closed.by is Source.CRM:
        return _("Verwijderd in %(crm)s op %(day)s, en daarom afgesloten.", crm=crm_name, day=day)
    if closed.ground == BOUNCE:
        return _("Onbereikbaar sinds %(day)s: een mailing kwam niet aan.", day=day)
    return _("Afgemeld of afgesloten in Spotler op %(day)s.", day=day)


def closed_points(closed: Closed | None, crm_name: str) -> list[Text]:
    """The same as a point in a list, where there is something to tell."""
    told = closed_text(closed, crm_name) if closed else ""
    return [Text(told)] if told else []


def there_text(there: There, connected: bool, crm_name: str) -> Text:
    """What Spotler has of a contact that is not linked."""
    if not connected:
        why = reason_text(Reason.NOT_CONNECTED, crm_name).title
        return Text(_("Nog niet gekoppeld."), _ended(why))
    return {
        There.NOBODY: lambda: Text(_("Deze contactpersoon staat nog niet in Spotler.")),
        There.ITS_ID: lambda: Text(
            _("Spotler heeft al een contact met het nummer van deze contactpersoon."),
            _("Het is nog niet gekoppeld."),
        ),
        There.ITS_ADDRESS: lambda: Text(
            _("Spotler heeft al een contact met dit e-mailadres."), _("Het is nog niet gekoppeld.")
        ),
        There.ANOTHERS: lambda: Text(
            _("Dit e-mailadres hoort in Spotler al bij een ander contact"),
            _("In Spotler kan een e-mailadres maar bij één contact horen."),
        ),
        There.UNKNOWN: lambda: Text(
            _("Nog niet gekoppeld."),
            _("Of deze contactpersoon in Spotler staat, is nog niet bekend."),
        ),
    }[there]()


def _waiting(title: str, reason: Reason | None, until: datetime | None, crm_name: str) -> Text:
    if reason is None:
        return Text(title)
    text = reason_text(reason, crm_name)
    if until is not None:
        again = _("Volgende poging: %(time)s.", time=time_of(until))
        return Text(title, _ended(text.title), again)
    goes_on = reason not in TRANSIENT
    return Text(title, _ended(text.title), repaired_by(crm_name) if goes_on else text.remedy)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "…")) else f"{sentence}."
