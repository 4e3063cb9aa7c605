"""Why a contact was not written, where that is about the contact or its address."""

from __future__ import annotations

from datetime import datetime

from spotler_plugin.planning.detail import Detail
from spotler_plugin.planning.reason import Reason
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import short_day
from spotler_plugin.wording.reader import is_administrator, report_it
from spotler_plugin.wording.text import Text, Words


def of_address(message: str, address: str, crm: str) -> Words:
    """Return the words about a contact's address; `message` is what Spotler said, and `address` who
    has its id."""
    return {
        Reason.NO_ADDRESS: lambda: Text(
            _("Geen e-mailadres"),
            _("Vul een e-mailadres in bij de contactpersoon; daarna kun je koppelen."),
        ),
        Reason.ADDRESS_MALFORMED: lambda: Text(
            _("Dit is geen e-mailadres: „%(address)s”.", address=address)
            if address
            else _("Dit is geen e-mailadres."),
            "",
            _("Pas het aan bij de contactpersoon."),
        ),
        Reason.ADDRESS_REFUSED: lambda: Text(
            _refused(message, address), "", _("Pas het aan bij de contactpersoon.")
        ),
        Reason.ADDRESS_OF_ANOTHER: lambda: Text(
            _("Dit e-mailadres hoort in Spotler al bij een ander contact"),
            _("Kies van wie het is."),
        ),
        Reason.ID_OF_ANOTHER: lambda: Text(
            _(
                "In Spotler hoort het nummer van deze contactpersoon bij %(address)s",
                address=address,
            )
            if address
            else _("In Spotler hoort het nummer van deze contactpersoon bij een ander e-mailadres"),
            _("Dat kan iemand anders zijn, en wordt niet overschreven."),
            _("Kies van wie het is."),
        ),
        Reason.ADDRESS_DOUBLED: lambda: Text(
            _("Dit e-mailadres hoort in %(crm)s bij nog een contactpersoon", crm=crm),
            _("In Spotler kan een e-mailadres maar bij één contact horen. Kies van wie het is."),
        ),
        Reason.ADDRESS_LEFT: lambda: Text(
            _("Dit e-mailadres is van een andere contactpersoon"),
            _("Zo is gekozen; daarom wordt deze niet gekoppeld."),
            _("Geef de contactpersoon in %(crm)s een eigen e-mailadres om te koppelen.", crm=crm),
        ),
    }


def _refused(message: str, address: str) -> str:
    """That Spotler refuses an address, which one where that is known, and its words."""
    if address and message:
        return _(
            "Spotler accepteert „%(address)s” niet: „%(message)s”.",
            address=address,
            message=message,
        )
    if address:
        return _("Spotler accepteert „%(address)s” niet.", address=address)
    if message:
        return _("Spotler accepteert dit e-mailadres niet: „%(message)s”.", message=message)
    return _("Spotler accepteert dit e-mailadres niet.")


def of_contact(detail: Detail, crm: str) -> Words:
    """Return the words about the contact itself."""
    return {
        Reason.INACTIVE: lambda: _inactive(detail.address, crm),
        Reason.GONE: lambda: Text(
            _("Niet gevonden"),
            _("Deze contactpersoon bestaat niet meer in %(crm)s.", crm=crm),
        ),
        Reason.CRM_UNREADABLE: lambda: Text(
            _("%(crm)s geeft deze contactpersoon niet leesbaar door.", crm=crm),
            remedy=report_it(),
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
        Reason.ERASED: lambda: Text(
            _("De gegevens zijn gewist"),
            _("Op verzoek zijn de gegevens van deze persoon gewist. Koppelen kan niet meer."),
            _("Je kunt dat bij Privacy weer toestaan.")
            if is_administrator()
            else _("Een beheerder van %(crm)s kan dat bij Privacy weer toestaan.", crm=crm),
        ),
        Reason.NOT_IN_BACKUP: lambda: Text(
            _("Staat niet in de back-up"),
            _("Er is niets om terug te zetten."),
        ),
        Reason.BACKUP_GONE: lambda: Text(
            _("De back-up is er niet meer"),
            _("Er is niets teruggezet."),
        ),
        Reason.CHANGED_SINCE: lambda: Text(
            _("Intussen door iemand anders gewijzigd"),
            _("Dat blijft zoals het nu is."),
        ),
        Reason.SWITCHED_SINCE: lambda: Text(
            _("Intussen gewijzigd in Spotler."),
            _("Er is nog niets opgeslagen; wat je koos staat er nog."),
            _("Kijk of het zo klopt en kies opnieuw Opslaan."),
        ),
        Reason.SIGNED_OFF: lambda: Text(
            _("Intussen afgemeld"),
            _("De contactpersoon heeft zich na jouw wijziging afgemeld. De afmelding gaat voor."),
            _themself(),
        ),
        Reason.SIGNED_OFF_BEFORE: lambda: Text(
            _("Afgemeld of uitgezet op %(day)s", day=_day(detail))
            if detail.off_at
            else _("Eerder afgemeld of uitgezet"),
            _("Dat gaat niet weer aan voor velen tegelijk, of door een automatische actie."),
            _themself(),
        ),
        Reason.NOT_AGAIN: lambda: Text(
            _("Heeft zich op %(day)s afgemeld", day=_day(detail))
            if detail.off_at
            else _("Heeft zich afgemeld"),
            _(
                "Weer aanzetten door een ander is in deze omgeving niet toegestaan, of er is geen "
                "grond bij vermeld."
            ),
            _themself(),
        ),
    }


def _themself() -> str:
    """How who signed off can sign on."""
    return _(
        "De contactpersoon kan zich zelf weer aanmelden, met een aanmeldformulier van Spotler of "
        "via de voorkeuren onder een mailing."
    )


def _day(detail: Detail) -> str:
    return short_day(datetime.fromisoformat(detail.off_at))


def _inactive(address: str, crm: str) -> Text:
    """`address` is the one that was not written, as the Spotler contact that has it is inactive."""
    if not address:
        return Text(
            _("Inactief"),
            _("Deze contactpersoon is in Spotler afgemeld of onbereikbaar."),
            _("Dat kun je vanuit %(crm)s niet terugdraaien.", crm=crm),
        )
    return Text(
        _("Dit e-mailadres is in Spotler inactief"),
        _("Met %(address)s heeft iemand zich afgemeld, of het is onbereikbaar.", address=address),
        _("Kies in %(crm)s een ander e-mailadres, en dan hier opnieuw Opslaan.", crm=crm),
    )
