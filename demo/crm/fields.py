"""The fields of contacts and relations: their definitions, and which values they accept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

Value = str | int | bool | list[str] | None
Values = dict[str, Value]
FieldType = Literal[
    "text",
    "email",
    "phone",
    "date",
    "datetime",
    "boolean",
    "integer",
    "money",
    "choice",
    "keywords",
    "postcode",
    "gender",
]


class InvalidValue(ValueError):
    """A value that its field does not accept; the message can be shown to people."""


@dataclass(frozen=True)
class Field:
    """One field as `GET /fields` describes it. Money travels as a decimal string."""

    name: str
    label: str
    type: FieldType = "text"
    bulk_editable: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    long: bool = False
    read_only: bool = False

    @property
    def in_forms(self) -> bool:
        """Whether people can type it in; moments and derived values are shown only."""
        return not self.read_only and self.type != "datetime"

    def as_json(self, entity: str) -> dict[str, object]:
        """Return the field in the contract's format."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "entity": entity,
            "bulk_editable": self.bulk_editable,
            "choices": [{"value": value, "label": label} for value, label in self.choices],
        }

    def check(self, value: object) -> Value:
        """Return the value to store, or raise InvalidValue; empty is None (or no keywords)."""
        if self.type == "keywords":
            return _keywords(value)
        if value is None or value == "":
            return None
        if self.type == "boolean":
            return _boolean(value)
        if self.type == "integer":
            return _integer(value)
        if not isinstance(value, str):
            raise InvalidValue("Dit moet tekst zijn.")
        if self.type in ("choice", "gender") and value not in dict(self.choices):
            raise InvalidValue("Deze keuze bestaat niet.")
        if self.type in ("date", "datetime", "money"):
            _parse(self.type, value)
        return value


def _keywords(value: object) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise InvalidValue("Trefwoorden zijn een lijst van teksten.")
    return list(dict.fromkeys(word.strip() for word in value if word.strip()))


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue("Dit moet ja of nee zijn.")
    return value


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidValue("Dit moet een geheel getal zijn.")
    return value


def _parse(kind: FieldType, value: str) -> None:
    try:
        if kind == "date":
            date.fromisoformat(value)
        elif kind == "datetime":
            datetime.fromisoformat(value)
        else:
            Decimal(value)
    except (ValueError, InvalidOperation) as error:
        raise InvalidValue("Dit is geen geldige datum of bedrag.") from error


LANGUAGES = (("nl", "Nederlands"), ("en", "Engels"), ("de", "Duits"), ("fr", "Frans"))
GENDERS = (("M", "Man"), ("V", "Vrouw"), ("X", "Anders"))

CONTACT_FIELDS = (
    Field("first_name", "Voornaam"),
    Field("initials", "Voorletter(s)"),
    Field("infix", "Tussenvoegsels"),
    Field("last_name", "Achternaam"),
    Field("email", "E-mail", "email"),
    Field("phone", "Tel.", "phone"),
    Field("mobile", "Mobiel", "phone"),
    Field("is_primary", "Primair bij relatie", "boolean", read_only=True),
    Field("title", "Titel"),
    Field("job_title", "Functie", bulk_editable=True),
    Field("department", "Afdeling", bulk_editable=True),
    Field("language", "Voorkeurstaal", "choice", bulk_editable=True, choices=LANGUAGES),
    Field("keywords", "Trefwoorden", "keywords", bulk_editable=True),
    Field("note", "Notitie", bulk_editable=True, long=True),
    Field("gender", "Geslacht", "gender", choices=GENDERS),
    Field("birth_date", "Geboortedatum", "date"),
    Field("street", "Adres"),
    Field("postcode", "Postcode", "postcode"),
    Field("city", "Plaats"),
    Field("country", "Land"),
    Field("appointments", "Aantal afspraken", "integer"),
    Field("last_spoken_at", "Laatst gesproken", "datetime"),
)
# A module field has a name or a label that ends in "module": these three show all cases.
RELATION_FIELDS = (
    Field("name", "Naam"),
    Field("number", "Relatienummer"),
    Field("city", "Plaats"),
    Field("revenue", "Jaaromzet", "money"),
    Field("documents", "Documenten module", "boolean"),
    Field("invoicing_module", "Facturatie module", "boolean"),
    Field("timesheets", "Urenregistratie module", "boolean"),
)
CONTACT_FIELD = {field.name: field for field in CONTACT_FIELDS}
RELATION_FIELD = {field.name: field for field in RELATION_FIELDS}


def checked(fields: Mapping[str, Field], values: Mapping[str, object]) -> Values:
    """Check all values against their fields; an unknown or read-only field is refused."""
    result: Values = {}
    for name, value in values.items():
        field = fields.get(name)
        if field is None or field.read_only:
            raise InvalidValue(f"Het veld „{name}” bestaat niet of is niet te wijzigen.")
        try:
            result[name] = field.check(value)
        except InvalidValue as error:
            raise InvalidValue(f"{field.label}: {error}") from error
    return result


def from_form(fields: Mapping[str, Field], form: Mapping[str, str]) -> Values:
    """Read values from a browser's form; only the fields that the form says it shows."""
    result: Values = {}
    for name in form.get("shown", "").split():
        field = fields[name]
        raw = form.get(name, "").strip()
        try:
            result[name] = field.check(_typed(field, raw))
        except (InvalidValue, ValueError) as error:
            raise InvalidValue(f"{field.label}: {error}") from error
    return result


def _typed(field: Field, raw: str) -> object:
    if field.type == "boolean":
        return bool(raw)
    if field.type == "keywords":
        return raw.split(",")
    if field.type == "integer" and raw:
        return int(raw)
    return raw
