"""Words of a comparison: in what a contact differs, and which side probably changed."""

from __future__ import annotations

from spotler_plugin.models import DriftKind
from spotler_plugin.services.drift.difference import ACTIVE, EXTERNAL_ID, Side
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.text import Text


def drift_word(kind: DriftKind) -> str:
    """What a kind is called, on its counter and in the list of choices."""
    return {
        DriftKind.DIFFERENT: _("Verschillend"),
        DriftKind.UNFIT: _("Waarde past niet"),
        DriftKind.MISSING: _("Weg uit Spotler"),
        DriftKind.GONE: _("Weg uit het CRM"),
        DriftKind.UNREADABLE: _("Niet te lezen"),
        DriftKind.UNLINKED: _("Niet gekoppeld"),
        DriftKind.UNKNOWN_ID: _("Onbekend in het CRM"),
        DriftKind.WITHOUT_ID: _("Alleen in Spotler"),
        DriftKind.MIRROR: _("Anders dan we wisten"),
    }[kind]


def drift_text(kind: DriftKind, crm: str) -> Text:
    """In what a contact differs, and what to do about it."""
    return {
        DriftKind.DIFFERENT: lambda: Text(
            _("Spotler heeft een andere waarde dan %(crm)s.", crm=crm)
        ),
        DriftKind.UNFIT: lambda: Text(
            _("Een waarde uit %(crm)s past niet in Spotler.", crm=crm),
            remedy=_("Pas de waarde aan, of kies bij de mapping een ander veld."),
        ),
        DriftKind.MISSING: lambda: Text(
            _("Deze contactpersoon was gekoppeld; Spotler kent het CRM-nummer niet meer."),
            remedy=_("Open de contactpersoon om opnieuw te koppelen."),
        ),
        DriftKind.GONE: lambda: Text(
            _("Deze contactpersoon is gekoppeld; %(crm)s kent het CRM-nummer niet meer.", crm=crm),
            _("In Spotler blijft het contact staan zoals het is."),
        ),
        DriftKind.UNREADABLE: lambda: Text(
            _("Deze contactpersoon is niet vergeleken: het antwoord was niet te lezen."),
            remedy=_("Meld dit bij wie de plugin beheert."),
        ),
        DriftKind.UNLINKED: lambda: Text(
            _("Staat in Spotler met het CRM-nummer uit %(crm)s, en is niet gekoppeld.", crm=crm),
            remedy=_("Open de contactpersoon om te koppelen."),
        ),
        DriftKind.UNKNOWN_ID: lambda: Text(
            _("Staat in Spotler met een CRM-nummer dat %(crm)s niet kent.", crm=crm)
        ),
        DriftKind.WITHOUT_ID: lambda: Text(_("Staat alleen in Spotler, zonder CRM-nummer.")),
        DriftKind.MIRROR: lambda: Text(
            _("Spotler had iets anders dan bij ons bekend was. Dat is nu bijgewerkt.")
        ),
    }[kind]()


def side_text(side: Side, crm: str) -> str:
    """Where it was probably changed."""
    return {
        Side.CRM: _("Gewijzigd in %(crm)s, of door de mapping.", crm=crm),
        Side.SPOTLER: _("Gewijzigd in Spotler."),
        Side.BOTH: _("Gewijzigd in %(crm)s en in Spotler.", crm=crm),
        Side.UNKNOWN: _("Nooit vanuit %(crm)s geschreven.", crm=crm),
    }[side]


def on_word(on: bool) -> str:
    """How a permission is."""
    return _("aan") if on else _("uit")


def special_word(property: str) -> str | None:
    """What is called otherwise than a property is."""
    return {ACTIVE: _("Te mailen"), EXTERNAL_ID: _("CRM-nummer")}.get(property)
