"""The fields of the mapping's editor: what the selects offer, and what is wrong with a choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spotler_plugin.forms.fields import SelectChoice
from spotler_plugin.forms.mapping import (
    FormerField,
    MappingForm,
    PropertyField,
    former_name,
    name_of,
)
from spotler_plugin.planning.mapping import RELATION
from spotler_plugin.planning.values.types import FieldType
from spotler_plugin.services.mapping.editor import Choices, Line, Sheet
from spotler_plugin.translation import gettext as _
from spotler_plugin.wording.mapping import problem_text, type_word


def mapping_form(sheet: Sheet) -> MappingForm:
    """The fields of each line, as they are saved; it validates what is proposed."""
    offers = {
        type_: _offer(choices, sheet.labels, type_) for type_, choices in sheet.choices.items()
    }
    lines = [line for group in sheet.groups.values() for line in group]
    names = {name_of(line.key): line for line in lines}
    boxes = {former_name(line.key): line for line in lines if line.field.entity == RELATION}
    form = MappingForm.over(
        {name: _select(line, sheet, offers) for name, line in names.items()}
        | {name: FormerField(id=f"former-{line.number}") for name, line in boxes.items()}
    )
    saved = {name: line.saved or None for name, line in names.items()}
    ticked = {name: line.empties_saved for name, line in boxes.items()}
    return form(formdata=None, data={"seen": sheet.saved, **saved, **ticked})


def _select(line: Line, sheet: Sheet, offers: Mapping[FieldType, dict[str, Any]]) -> PropertyField:
    offered = {} if line.gone else offers[line.field.type]
    fit = [] if line.gone else [each.name for each in sheet.choices[line.field.type].fit]
    lost = [name for name in dict.fromkeys([line.saved, line.chosen]) if name and name not in fit]
    return PropertyField(
        label=line.field.label,
        id=f"map-{line.number}",
        refusal=problem_text(line, sheet.labels.get(line.chosen, line.chosen)),
        choices=[
            SelectChoice("", _("Geen mapping in Spotler.")),
            *(_lost(name, sheet.labels) for name in lost),
            *(choice for name, choice in offered.items() if name not in lost),
        ],
    )


def _lost(name: str, labels: Mapping[str, str]) -> Any:
    """What was chosen, although it does not fit or does not exist any more."""
    if name in labels:
        return SelectChoice(name, _("%(name)s (past niet meer)", name=labels[name]))
    return SelectChoice(name, _("%(name)s (bestaat niet meer)", name=name))


def _offer(choices: Choices, labels: Mapping[str, str], type_: FieldType) -> dict[str, Any]:
    """The account's properties: those that fit, and as a group that cannot be chosen the others."""
    group = _("Past niet bij %(type)s:", type=type_word(type_))
    text = {
        each.name: f"{labels[each.name]} · {type_word(each.type)}"
        for each in (*choices.fit, *choices.unfit)
    }
    return {
        **{each.name: SelectChoice(each.name, text[each.name]) for each in choices.fit},
        **{
            each.name: SelectChoice(each.name, text[each.name], {"disabled": True}, group)
            for each in choices.unfit
        },
    }
