"""Why a contact or a value was not written, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.reason import TRANSIENT, Reason, Refusal
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.contact.reasons import of_address, of_contact
from spotler_plugin.wording.reader import (
    choose_account,
    choose_backup,
    enter_key,
    repair_key,
    report_it,
    try_and_report,
)
from spotler_plugin.wording.text import Text, Words, quotable
from spotler_plugin.wording.values.refused import value_words


def reason_text(reason: Reason, crm_name: str, detail: Detail = NOTHING) -> Text:
    """Why a contact was not written; `crm_name` is what its users call their CRM."""
    return _text(reason, detail, _("een veld"), crm_name)


def refusal_text(refusal: Refusal, crm_name: str) -> Text:
    """Why a value did not go along."""
    named = refusal.field or refusal.property
    return _text(refusal.reason, NOTHING, named, crm_name, refusal.words, refusal.value)


def failed_text(reason: Reason, crm_name: str, detail: Detail = NOTHING) -> Text:
    """The same as `reason_text` for what was given up: it does not go on by itself."""
    text = reason_text(reason, crm_name, detail)
    return replace(text, remedy=_("Probeer het opnieuw.")) if reason in TRANSIENT else text


def _text(
    reason: Reason,
    detail: Detail,
    field: str,
    crm: str,
    parts: Sequence[str] = (),
    value: str = "",
) -> Text:
    """`field` is what it is about, `value` what stands there, and `parts` which part of that."""
    message = quotable(detail.message)
    for words in (
        of_contact(detail, crm),
        of_address(message, detail.address, crm),
        value_words(message, field, crm, parts, value),
        _of_spotler(message, crm),
        _of_crm(crm),
        _of_action(message, crm),
        _of_backup(crm),
    ):
        if reason in words:
            return words[reason]()
    raise KeyError(reason)


def _kept(title: str) -> Text:
    """What goes away by itself."""
    return Text(title, remedy=_("Je wijziging is bewaard en gaat vanzelf door."))


def _of_spotler(message: str, crm: str) -> Words:
    return {
        Reason.NOT_CONNECTED: lambda: Text(
            _("Nog geen verbinding met Spotler"),
            enter_key(crm),
        ),
        Reason.UNCONFIRMED: lambda: Text(
            _("De key en secret zijn van een ander Spotler-account."),
            _("Er wordt niets verzonden of gelezen tot een beheerder kiest."),
            choose_account(crm),
        ),
        Reason.CREDENTIALS_REFUSED: lambda: Text(
            _("Spotler herkent deze key en secret niet."),
            repair_key(crm),
            _("Wat openstaat is bewaard en gaat vanzelf door. We proberen deze key ook zelf weer."),
        ),
        Reason.SPOTLER_AWAY: lambda: _kept(_("Spotler is nu niet bereikbaar.")),
        Reason.SPOTLER_REFUSED: lambda: Text(
            _("Spotler heeft dit geweigerd: „%(message)s”.", message=message)
            if message
            else _("Spotler heeft dit geweigerd."),
            "",
            try_and_report(),
        ),
        Reason.STOPPED_MIDWAY: lambda: Text(
            _("Gestopt terwijl Spotler werd bijgewerkt"),
            _("Of de wijziging daar is aangekomen, is niet bekend."),
            _("Probeer het opnieuw."),
        ),
        Reason.BUSY: lambda: _kept(_("Spotler heeft het nu druk.")),
    }


def _of_crm(crm: str) -> Words:
    return {
        Reason.SELECTION_GONE: lambda: Text(
            _("%(crm)s heeft deze selectie niet meer.", crm=crm),
            _("Er is niets gewijzigd en niets verzonden."),
            _("Ga terug naar stap 1 en selecteer opnieuw."),
        ),
        Reason.SELECTION_UNEVEN: lambda: Text(
            _("De selectie klopt niet."),
            _("%(crm)s gaf een ander aantal contactpersonen dan het zegt.", crm=crm),
            _("Ga terug naar stap 1 en selecteer opnieuw."),
        ),
        Reason.CRM_REFUSED: lambda: Text(
            _("%(crm)s laat de plugin niet toe", crm=crm),
            _("Het token waarmee de plugin contactpersonen leest, wordt niet herkend."),
            report_it(),
        ),
        Reason.CRM_AWAY: lambda: _kept(_("%(crm)s is nu niet bereikbaar.", crm=crm)),
        Reason.STOPPED_IN_CRM: lambda: Text(
            _("Gestopt terwijl %(crm)s werd bijgewerkt", crm=crm),
            _("Daar kan de wijziging al staan. Naar Spotler is er niets gegaan."),
            _("Probeer het opnieuw."),
        ),
        Reason.SLOW: lambda: Text(
            _("%(crm)s of Spotler antwoordt traag.", crm=crm),
            remedy=_("Open de contactpersoon straks opnieuw."),
        ),
        Reason.BEYOND_AGREED: lambda: Text(
            _("Er zou meer verdwijnen dan was afgesproken"),
            _("In %(crm)s is intussen meer leeggemaakt. Er is niets meer verzonden.", crm=crm),
            _("Bekijk opnieuw wat er gebeurt, en kies dan of het door mag gaan."),
        ),
        Reason.UNEXPECTED: lambda: Text(
            _("Er ging iets mis in de plugin"),
            _("Deze contactpersoon is overgeslagen; de rest is doorgegaan."),
            try_and_report(),
        ),
    }


def _of_action(message: str, crm: str) -> Words:
    return {
        Reason.ACTION_OFF: lambda: Text(
            _("De actie stond uit"),
            _("Er is niets naar Spotler gegaan."),
            _("Zet de actie aan en probeer het opnieuw."),
        ),
        Reason.FORMER_ACCOUNT: lambda: Text(
            _("De actie is van een ander Spotler-account"),
            _("De permissies van dat account zijn hier andere. Er is niets naar Spotler gegaan."),
            _("Open de actie, controleer de permissies en sla haar opnieuw op."),
        ),
        Reason.RESTORED: lambda: Text(
            _("Er is een eerdere stand van de plugin teruggezet"),
            _("Het kan dus al gedaan zijn."),
            _(
                "Kijk eerst in %(crm)s en in Spotler. Is het niet gedaan, probeer het dan opnieuw.",
                crm=crm,
            ),
        ),
        Reason.CRM_DECLINED: lambda: Text(
            _("%(crm)s wijzigt de contactpersoon niet: „%(message)s”.", crm=crm, message=message)
            if message
            else _("%(crm)s wijzigt de contactpersoon niet.", crm=crm),
            _("Daarom is er ook niets naar Spotler gegaan."),
            _(
                "Pas aan wat er gewijzigd wordt of los het op in %(crm)s, en probeer het opnieuw.",
                crm=crm,
            ),
        ),
    }


def _of_backup(crm: str) -> Words:
    return {
        Reason.NO_ROOM: lambda: Text(
            _("De plugin heeft geen ruimte meer"),
            _("Er is niets half bewaard."),
            report_it(),
        ),
        Reason.FILE_CUT: lambda: Text(
            _("Het bestand is niet helemaal aangekomen"),
            _("Er is niets half bewaard."),
            _("Upload het opnieuw."),
        ),
        Reason.FILE_UNREADABLE: lambda: Text(
            _("Dit bestand is geen leesbare CSV"),
            _("Er zijn koppen nodig en daaronder een rij per contact."),
            _("Bewaar het in het rekenblad als CSV UTF-8 en upload het opnieuw."),
        ),
        Reason.NO_BACKUP: lambda: Text(
            _("De eerste back-up van Spotler is mislukt"),
            _("Zonder back-up wordt er nog niets in Spotler gewijzigd."),
            choose_backup(crm),
        ),
    }
