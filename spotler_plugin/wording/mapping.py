"""Words of the mapping: what a type is called, and what is wrong with a choice."""

from __future__ import annotations

from collections.abc import Callable

from spotler_plugin.planning.proposal import Problem
from spotler_plugin.planning.values.types import FieldType, PropertyType
from spotler_plugin.services.mapping.editor import Line
from spotler_plugin.translation import gettext as _

# Called when they are shown, because the language is the session's.
_TYPES: dict[str, Callable[[], str]] = {
    FieldType.TEXT: lambda: _("tekst"),
    FieldType.PHONE: lambda: _("telefoonnummer"),
    FieldType.BOOLEAN: lambda: _("ja of nee"),
    FieldType.CHOICE: lambda: _("keuze"),
    FieldType.KEYWORDS: lambda: _("trefwoorden"),
    FieldType.INTEGER: lambda: _("geheel getal"),
    FieldType.DATE: lambda: _("datum"),
    FieldType.DATETIME: lambda: _("datum en tijd"),
    PropertyType.STRING: lambda: _("tekst"),
    PropertyType.BIRTHDATE: lambda: _("geboortedatum"),
    PropertyType.DATE_TIME: lambda: _("datum en tijd"),
    PropertyType.INT: lambda: _("geheel getal"),
    PropertyType.MOB_NR: lambda: _("mobiel nummer"),
    PropertyType.SET: lambda: _("meerkeuze"),
    # The two sides call these alike.
    PropertyType.EMAIL: lambda: _("e-mailadres"),
    PropertyType.GENDER: lambda: _("geslacht"),
    PropertyType.MONEY: lambda: _("bedrag"),
    PropertyType.POSTCODE: lambda: _("postcode"),
}


def type_word(type_: str) -> str:
    """What people call a type of field, of either side."""
    word = _TYPES.get(type_)
    return word() if word else _("onbekend soort")


def problem_text(line: Line, property: str) -> str:
    """What is wrong with a choice, and what to do; `property` is what the screen calls it."""
    match line.problem:
        case Problem.DOUBLED:
            return _(
                "%(property)s is ook gekozen bij %(others)s. Kies voor één van beide iets anders.",
                property=property,
                others=", ".join(line.beside),
            )
        case Problem.UNFIT:
            return _(
                "%(property)s past niet bij %(field)s (%(type)s). Kies een ander Spotler-veld.",
                property=property,
                field=line.field.label,
                type=type_word(line.field.type),
            )
        case Problem.GONE:
            return _("%(property)s bestaat niet meer. Kies iets anders.", property=property)
        case None:
            return ""
