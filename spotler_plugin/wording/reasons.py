"""Why a contact or a value was not written, and what to do about it."""

from __future__ import annotations

from dataclasses import replace

from spotler_plugin.planning.detail import NOTHING, Detail
from spotler_plugin.planning.mapping import Refusal
from spotler_plugin.planning.reason import TRANSIENT, Reason
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.text import Text, Words
from spotler_plugin.wording.values import value_words


def reason_text(reason: Reason, crm_name: str, detail: Detail = NOTHING) -> Text:
    """Why a contact was not written; `crm_name` is what its users call their CRM."""
    return _text(reason, detail.said, _("een veld"), crm_name)


def refusal_text(refusal: Refusal, crm_name: str) -> Text:
    """Why a value did not go along."""
    return _text(refusal.reason, "", refusal.field or refusal.property, crm_name)


def failed_text(reason: Reason, crm_name: str, detail: Detail = NOTHING) -> Text:
    """The same as `reason_text` for what was given up: it does not go on by itself."""
    text = reason_text(reason, crm_name, detail)
    return replace(text, remedy=_("Probeer het opnieuw.")) if reason in TRANSIENT else text


def _text(reason: Reason, message: str, field: str, crm: str) -> Text:
    """`message` is what Spotler said, `field` which value it is about."""
    for words in (
        _of_contact(crm),
        _of_address(message, crm),
        value_words(message, field, crm),
        _of_spotler(message, crm),
        _of_crm(crm),
    ):
        if reason in words:
            return words[reason]()
    raise KeyError(reason)


def _of_address(message: str, crm: str) -> Words:
    return {
        Reason.NO_ADDRESS: lambda: Text(
            _("Geen e-mailadres"),
            _("Vul een e-mailadres in bij de contactpersoon; daarna kun je koppelen."),
        ),
        Reason.ADDRESS_REFUSED: lambda: Text(
            _("Spotler accepteert dit e-mailadres niet: „%(message)s”.", message=message)
            if message
            else _("Spotler accepteert dit e-mailadres niet."),
            "",
            _("Pas het aan bij de contactpersoon."),
        ),
        Reason.ADDRESS_OF_ANOTHER: lambda: Text(
            _("Dit e-mailadres hoort in Spotler al bij een ander contact"),
            _("Kies van wie het is."),
        ),
        Reason.ID_OF_ANOTHER: lambda: Text(
            _("In dit Spotler-account heeft iemand anders het nummer van deze contactpersoon"),
            _("Die is met een ander e-mailadres bekend en wordt niet overschreven."),
            _("Haal het externe id daar weg, of pas het e-mailadres aan, en kies opnieuw Opslaan."),
        ),
        Reason.ADDRESS_DOUBLED: lambda: Text(
            _("Dit e-mailadres hoort in %(crm)s bij nog een contactpersoon", crm=crm),
            _("In Spotler kan een e-mailadres maar bij één contact horen. Kies van wie het is."),
        ),
    }


def _of_contact(crm: str) -> Words:
    return {
        Reason.INACTIVE: lambda: Text(
            _("Inactief"),
            _("Deze contactpersoon is in Spotler afgemeld of onbereikbaar."),
            _("Dat kun je vanuit %(crm)s niet terugdraaien.", crm=crm),
        ),
        Reason.GONE: lambda: Text(
            _("Niet gevonden"),
            _("Deze contactpersoon bestaat niet meer in %(crm)s.", crm=crm),
        ),
        Reason.CRM_INACTIVE: lambda: Text(
            _("Niet actief in %(crm)s", crm=crm),
            _("Een contactpersoon die niet actief is, wordt niet gekoppeld."),
            _("Maak de contactpersoon eerst actief."),
        ),
        Reason.NOT_LINKED: lambda: Text(
            _("Niet gekoppeld"),
            _("Synchroniseren voegt niemand toe aan Spotler."),
            _("Koppel de contactpersoon eerst: open het gegevensblok en kies Opslaan."),
        ),
        Reason.GONE_IN_SPOTLER: lambda: Text(
            _("Staat niet meer in Spotler"),
            _("Spotler kent dit contact niet meer; de koppeling is vervallen."),
            _("Koppel de contactpersoon opnieuw: open het gegevensblok en kies Opslaan."),
        ),
        Reason.SIGNED_OFF: lambda: Text(
            _("Intussen afgemeld"),
            _("De contactpersoon heeft zich na jouw wijziging afgemeld. De afmelding gaat voor."),
        ),
    }


def _of_spotler(message: str, crm: str) -> Words:
    return {
        Reason.NOT_CONNECTED: lambda: Text(
            _("Nog geen verbinding met Spotler"),
            _("Een beheerder van %(crm)s vult bij de instellingen de key en secret in.", crm=crm),
        ),
        Reason.UNCONFIRMED: lambda: Text(
            _("De key en secret zijn van een ander Spotler-account."),
            _("Er wordt niets verzonden of gelezen tot een beheerder dat bevestigt."),
            _("Een beheerder van %(crm)s kiest bij de instellingen hoe het verder gaat.", crm=crm),
        ),
        Reason.CREDENTIALS_REFUSED: lambda: Text(
            _("Spotler herkent deze key en secret niet."),
            _("Kopieer ze opnieuw uit Spotler: Instellingen › Integraties."),
            _("Wat openstaat is bewaard en gaat daarna vanzelf door."),
        ),
        Reason.SPOTLER_AWAY: lambda: Text(
            _("Spotler is nu niet bereikbaar."),
            remedy=_("Je wijziging is bewaard en gaat vanzelf door."),
        ),
        Reason.SPOTLER_REFUSED: lambda: Text(
            _("Spotler heeft dit geweigerd: „%(message)s”.", message=message)
            if message
            else _("Spotler heeft dit geweigerd."),
            "",
            _("Probeer het opnieuw. Blijft het misgaan, meld het dan bij je beheerder."),
        ),
        Reason.BUSY: lambda: Text(
            _("Spotler heeft het nu druk."),
            remedy=_("Je wijziging is bewaard en gaat vanzelf door."),
        ),
    }


def _of_crm(crm: str) -> Words:
    return {
        Reason.CRM_REFUSED: lambda: Text(
            _("%(crm)s laat de plugin niet toe", crm=crm),
            _("Het token waarmee de plugin contactpersonen leest, wordt niet herkend."),
            _("Meld het bij je beheerder."),
        ),
        Reason.CRM_AWAY: lambda: Text(
            _("%(crm)s is nu niet bereikbaar.", crm=crm),
            remedy=_("Je wijziging is bewaard en gaat vanzelf door."),
        ),
        Reason.UNEXPECTED: lambda: Text(
            _("Er ging iets mis in de plugin"),
            _("Deze contactpersoon is overgeslagen; de rest is doorgegaan."),
            _("Probeer het opnieuw. Blijft het misgaan, meld het dan bij je beheerder."),
        ),
    }
