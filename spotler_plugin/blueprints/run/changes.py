"""What changes of a contact, in the account's own words: before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spotler_plugin.planning.detail import Detail, Since
from spotler_plugin.planning.image import Image
from spotler_plugin.planning.mapping import CONTACT
from spotler_plugin.planning.undo.patch import Patch
from spotler_plugin.planning.values.sets import on_in
from spotler_plugin.services.catalogue.entries import entry_labels
from spotler_plugin.services.catalogue.fields import crm_fields
from spotler_plugin.services.catalogue.permissions import permission_labels
from spotler_plugin.services.catalogue.properties import account_properties
from spotler_plugin.services.run.items import ItemView
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.text import Text

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
    choices: dict[str, dict[Any, str]]
    """Of each of these fields that has any."""

    def in_crm(self, name: str, before: Any, after: Any, crm_name: str) -> tuple[str, str, str]:
        """What the CRM's field is called, and its two values as texts."""
        label = self.fields.get(name, name)
        if name == STATUS:
            label, before, after = _("Status"), _status(before), _status(after)
        words, chosen = _("%(field)s in %(crm)s", field=label, crm=crm_name), self._chosen(name)
        return words, _value(chosen(before), {}), _value(chosen(after), {})

    def _chosen(self, field: str) -> Callable[[Any], Any]:
        """What a field's choices are called, in the place of their values."""
        words = self.choices.get(field, {})

        def named(value: Any) -> Any:
            if isinstance(value, list):
                return [named(each) for each in value]
            return words.get(value, value) if isinstance(value, str) else value

        return named

    def changed(self, name: str, before: Any, after: Any) -> tuple[str, str, str]:
        """What the property is called, and its two values as texts."""
        entries = self.entries.get(name, {})
        return self.properties.get(name, name), _value(before, entries), _value(after, entries)


@dataclass(frozen=True, slots=True)
class Step:
    """One property or permission; an empty text is empty."""

    label: str
    before: str
    after: str


def labels_of(environment_id: int) -> Labels:
    properties = account_properties(environment_id)
    fields = [each for each in crm_fields(environment_id) if each.entity == CONTACT]
    return Labels(
        {each.name: each.description for each in properties},
        permission_labels(environment_id),
        entry_labels(environment_id),
        {each.name: each.label for each in fields},
        {each.name: dict(each.choices) for each in fields},
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
        Step(
            labels.permissions.get(bit, str(bit)), _switch(before.permissions.get(bit)), _switch(on)
        )
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
        told += [Text(f"{labels.permissions.get(bit, bit)} {words}") for bit in bits]
    if detail.stays_linked:
        told.append(Text(_("Blijft in Spotler staan, gekoppeld: daar is niemand te verwijderen")))
    return told


def _since(since: Since, labels: Labels, crm_name: str) -> Text:
    name, sent, now = (
        labels.in_crm(since.name, since.sent, since.now, crm_name)
        if since.in_crm
        else labels.changed(since.name, since.sent, since.now)
    )
    empty = _("leeg")
    return Text(
        _("%(name)s blijft zoals het nu is", name=name),
        _("Het werd „%(sent)s” en is intussen „%(now)s”.", sent=sent or empty, now=now or empty),
    )


def _value(value: Any, entries: dict[int, str]) -> str:
    if isinstance(value, dict):
        on = on_in(value)
        told = [label for bit, label in entries.items() if bit in on]
        return ", ".join(told + [_("onbekende keuze")] * bool(on - entries.keys()))
    if isinstance(value, bool):
        return _("ja") if value else _("nee")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)


def _status(active: bool | None) -> str:
    return "" if active is None else _("Actief") if active else _("Inactief")


def _switch(on: bool | None) -> str:
    return _("aan") if on else _("uit")
