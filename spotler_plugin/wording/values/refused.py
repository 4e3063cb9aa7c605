"""Why a value was not written, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence

from spotler_plugin.planning.reason import Reason
from spotler_plugin.planning.values.sets import AND_MORE
from spotler_plugin.translation import gettext as _
from spotler_plugin.translation import ngettext
from spotler_plugin.wording.reader import report_it
from spotler_plugin.wording.text import Text, Words


def value_words(
    message: str, field: str, crm: str, parts: Sequence[str] = (), value: str = ""
) -> Words:
    """`message` is what Spotler said, `field` the label of the field that it is about, `value` what
    stands there, and `parts` which part of that."""
    it = _("„%(value)s” bij %(field)s", value=value, field=field) if value else field
    repair = _("Pas de waarde aan in %(crm)s.", crm=crm)
    return {
        Reason.VALUE_REFUSED: lambda: Text(
            _("Spotler accepteert een waarde niet: „%(message)s”.", message=message)
            if message
            else _("Spotler accepteert een waarde niet."),
            "",
            _("Pas de waarde aan in %(crm)s, of de mapping bij de instellingen.", crm=crm),
        ),
        Reason.FOREIGN_POSTCODE: lambda: Text(
            _("Buitenlandse postcode"),
            _("Spotler kent alleen Nederlandse postcodes; %(field)s is overgeslagen.", field=it),
        ),
        Reason.NOT_A_NUMBER: lambda: Text(
            _("Geen getal"),
            _("Spotler verwacht een getal; %(field)s is overgeslagen.", field=it),
            repair,
        ),
        Reason.NOT_A_DATE: lambda: Text(
            _("Geen datum"),
            _("Spotler verwacht een datum; %(field)s is overgeslagen.", field=it),
            repair,
        ),
        Reason.NOT_A_GENDER: lambda: Text(
            _("Geslacht onbekend"),
            _(
                "Spotler kent deze waarde niet als geslacht; %(field)s is overgeslagen.",
                field=it,
            ),
            _("Wat in Spotler staat, blijft zo. %(repair)s", repair=repair),
        ),
        Reason.NOT_A_POSTCODE: lambda: Text(
            _("Geen postcode"),
            _("Spotler verwacht een postcode; %(field)s is overgeslagen.", field=it),
            repair,
        ),
        Reason.NOT_A_MOBILE: lambda: Text(
            _("Geen mobiel nummer"),
            _("Spotler verwacht één mobiel nummer; %(field)s is overgeslagen.", field=it),
            repair,
        ),
        Reason.NOT_AN_ADDRESS: lambda: Text(
            _("Geen e-mailadres"),
            _("Spotler verwacht één e-mailadres; %(field)s is overgeslagen.", field=it),
            repair,
        ),
        Reason.UNREADABLE: lambda: Text(
            _("Geen leesbare waarde"),
            _("%(crm)s geeft %(field)s in een vorm die niet klopt.", crm=crm, field=it),
            report_it(),
        ),
        Reason.PROPERTY_GONE: lambda: Text(
            _("Spotler-veld bestaat niet meer"),
            _("%(field)s is in Spotler verwijderd of verborgen en is overgeslagen.", field=field),
            _("Kies bij de mapping een ander Spotler-veld."),
        ),
        Reason.PERMISSION_GONE: lambda: Text(
            _("Permissie bestaat niet meer"),
            _("%(field)s is in Spotler verwijderd en is overgeslagen.", field=field),
        ),
        Reason.ENTRY_MISSING: lambda: _missing(parts, field),
        Reason.ENTRY_MOVED: lambda: _moved(parts, field),
        Reason.ENTRY_RENAMED: lambda: Text(
            _("Keuze heet nu anders"),
            _(
                "%(words)s bij %(name)s heette toen anders, of was een andere keuze.",
                words=_quoted(parts),
                name=field,
            ),
            _("Dat blijft zoals het nu is."),
        ),
        Reason.UNFIT: lambda: Text(
            _("Velden passen niet op elkaar"),
            _("%(field)s past niet in het gekozen Spotler-veld en is overgeslagen.", field=field),
            _("Kies bij de mapping een ander Spotler-veld."),
        ),
    }


def _missing(words: Sequence[str], set_name: str) -> Text:
    """Keywords that the set has no entry for."""
    quoted = _quoted(words)
    title = _("Trefwoord niet bekend in Spotler")
    if not quoted:
        return Text(title, _("Voeg het in Spotler toe bij %(name)s.", name=set_name))
    return Text(
        title,
        ngettext(
            "Spotler kent %(words)s niet bij %(name)s; voeg het daar toe.",
            "Spotler kent %(words)s niet bij %(name)s; voeg ze daar toe.",
            len(words),
            words=quoted,
            name=set_name,
        ),
        _("Trefwoorden die Spotler wel kent, gaan mee."),
    )


def _moved(words: Sequence[str], name: str) -> Text:
    """Entries of a backup that the set has no more by that name; without any, all of the value."""
    if not words:
        kind = _("%(field)s is in Spotler nu van een andere soort en is overgeslagen.", field=name)
        return Text(_("Waarde past niet meer"), kind)
    return Text(
        _("Keuze heet nu anders"),
        _(
            "%(words)s staat in Spotler niet meer onder die naam bij %(name)s.",
            words=_quoted(words),
            name=name,
        ),
        _("Dat blijft zoals het nu is; de andere keuzes gaan terug."),
    )


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(word if word == AND_MORE else _("„%(word)s”", word=word) for word in words)
