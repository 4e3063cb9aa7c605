"""What changes of a contact, in the account's own words: before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spotler_plugin.planning.detail import Detail, Since
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.mapping import CONTACT
from spotler_plugin.planning.undo.patch import Patch
from spotler_plugin.planning.values.sets import on_in
from spotler_plugin.planning.values.types import FieldType, PropertyType
from spotler_plugin.services.catalogue.entries import entry_labels
from spotler_plugin.services.catalogue.fields import every_field
from spotler_plugin.services.catalogue.permissions import permission_labels
from spotler_plugin.services.catalogue.properties import every_property
from spotler_plugin.services.run.items import ItemView
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.consent.permissions import permission_word
from spotler_plugin.wording.text import Text
from spotler_plugin.wording.values.spelling import field_spelled, property_spelled

STATUS = "active"
"""What the CRM's API calls a contact's status, beside its fields."""


@dataclass(frozen=True, slots=True)
class Labels:
    properties: dict[str, str]
    permissions: dict[int, str]
    entries: dict[str, dict[int, str]]
    """Of each set."""
    fields: dict[str, str]
    """Of a contact in the CRM."""
    choices: dict[str, dict[str, str]]
    """Of each of these fields that has any."""
    types: dict[str, PropertyType]
    field_types: dict[str, FieldType]

    def in_crm(self, name: str, before: Any, after: Any, crm_name: str) -> tuple[str, str, str]:
        """What the CRM's field is called, and its two values as texts."""
        label = self.fields.get(name, name)
        if name == STATUS:
            label, before, after = _("Status"), _status(before), _status(after)
        words = _("%(field)s in %(crm)s", field=label, crm=crm_name)
        return words, self._of_field(name, before), self._of_field(name, after)

    def _of_field(self, name: str, value: Any) -> str:
        choices = self.choices.get(name, {})
        return _value(field_spelled(value, self.field_types.get(name), choices), {})

    def changed(self, name: str, before: Any, after: Any) -> tuple[str, str, str]:
        """What the property is called, and its two values as texts."""
        label = self.properties.get(name, name)
        return label, self._of_property(name, before), self._of_property(name, after)

    def permission(self, bit: int) -> str:
        """What the permission is called."""
        return permission_word(bit, self.permissions)

    def _of_property(self, name: str, value: Any) -> str:
        spelled = property_spelled(value, self.types.get(name))
        return _value(spelled, self.entries.get(name, {}))


@dataclass(frozen=True, slots=True)
class Step:
    """One property or permission; an empty text is empty."""

    label: str
    before: str
    after: str


def labels_of(environment_id: int) -> Labels:
    properties = every_property(environment_id)
    fields = [each for each in every_field(environment_id) if each.entity == CONTACT]
    return Labels(
        {each.name: each.description for each in properties},
        permission_labels(environment_id),
        entry_labels(environment_id),
        {each.name: each.label for each in fields},
        {each.name: dict(each.choices) for each in fields},
        {each.name: each.type for each in properties},
        {each.name: each.type for each in fields},
    )


def steps_of(item: ItemView, labels: Labels, crm_name: str) -> list[Step]:
    """What differs in the CRM and in Spotler."""
    return patched(item.patch, labels, crm_name) + steps(item.before, item.after, labels)


def steps(before: Image, after: Image, labels: Labels) -> list[Step]:
    """Only what differs; the address goes along always, and mostly does not."""
    return [
        Step(*labels.changed(name, old, after.properties.get(name)))
        for name, old in before.properties.items()
    ] + [
        Step(labels.permission(bit), _switch(before.permissions.get(bit)), _switch(on))
        for bit, on in after.permissions.items()
    ]


def patched(patch: Patch, labels: Labels, crm_name: str) -> list[Step]:
    """What was changed in the CRM."""
    return [
        Step(*labels.in_crm(name, old, patch.after[name], crm_name))
        for name, old in patch.before.items()
        if old != patch.after.get(name, old)
    ]


def not_back(detail: Detail, labels: Labels, crm_name: str) -> list[Text]:
    """What an undo leaves as it is, and why."""
    told = [_since(each, labels, crm_name) for each in detail.since]
    for bits, words in (
        (detail.stays_off, _("blijft uit")),
        (detail.stays_on, _("is intussen door iemand anders aangezet en blijft aan")),
    ):
        told += [Text(f"{labels.permission(bit)} {words}") for bit in bits]
    if detail.stays_linked:
        told.append(Text(_("Blijft in Spotler staan, gekoppeld: daar is niemand te verwijderen")))
    return told


def _since(since: Since, labels: Labels, crm_name: str) -> Text:
    name, sent, now = (
        labels.in_crm(since.name, since.sent, since.now, crm_name)
        if since.in_crm
        else labels.changed(since.name, since.sent, since.now)
    )
    was, by_now = (_("„%(text)s”", text=each) if each else _("leeg") for each in (sent, now))
    return Text(
        _("%(name)s blijft zoals het nu is", name=name),
        _("Het werd %(sent)s en is intussen %(now)s.", sent=was, now=by_now),
    )


def _value(value: Any, entries: dict[int, str]) -> str:
    if isinstance(value, dict):
        on = on_in(value)
        told = [label for bit, label in entries.items() if bit in on]
        return ", ".join(told + [_("onbekende keuze")] * bool(on - entries.keys()))
    return "" if value is None else str(value)


def _status(active: bool | None) -> str:
    return "" if active is None else _("Actief") if active else _("Inactief")


def _switch(on: bool | None) -> str:
    return _("aan") if on else _("uit")
