"""An automatic action as an administrator fills it in."""

from __future__ import annotations

import json
from typing import Any, Self

from wtforms import (
    Field,
    RadioField,
    SearchField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length
from wtforms.widgets import HiddenInput

from spotler_plugin.forms import Form
from spotler_plugin.forms.adjustment.switches import SwitchesForm, switch_values
from spotler_plugin.forms.fields import SelectChoice, pasted, searched
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.planning.draft import Draft
from spotler_plugin.storable import REPLACED, storable_json
from spotler_plugin.translation import lazy_gettext as _

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_NOTE = 120, 500, 2000
STATUSES = {"active": True, "inactive": False}


class SeenField(Field):
    """The action as this screen showed it, in JSON; None where that is not known."""

    widget = HiddenInput()

    def _value(self) -> str:
        return json.dumps(self.data.to_json()) if self.data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        try:
            # JSON spells characters that the form's own text cannot hold.
            self.data = Draft.from_json(storable_json(json.loads("".join(valuelist[:1]))))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            # No page of ours made it: then nobody is known to have been overtaken.
            return


class AutomaticActionForm(SwitchesForm):
    seen = SeenField()
    name = StringField(_("Naam"), [DataRequired(_("Vul een naam in."))], filters=[pasted])
    description = TextAreaField(
        _("Beschrijving"),
        [Length(max=LONGEST_DESCRIPTION, message=_("Hooguit 500 tekens."))],
        filters=[pasted],
        render_kw={"rows": 2},
    )
    note = TextAreaField(
        _("Notitie"),
        [Length(max=LONGEST_NOTE, message=_("Hooguit 2000 tekens."))],
        filters=[pasted],
        render_kw={"rows": 2},
    )
    status = RadioField(
        _("Status"),
        choices=[
            SelectChoice("", _("Ongewijzigd")),
            SelectChoice("active", _("Actief")),
            SelectChoice("inactive", _("Inactief")),
        ],
        default="",
        validate_choice=False,
    )

    @classmethod
    def filled(cls, draft: Draft, seen: Draft | None = None) -> Self:
        """The form filled in; `seen` is what is saved, where it is not a new one."""
        return cls(formdata=None, data=_values(draft) | {"seen": seen})

    @property
    def draft(self) -> Draft:
        return Draft(self.name.data or "", self.description.data or "", self.adjustment)

    @property
    def adjustment(self) -> Adjustment:
        return Adjustment(
            note=self.note.data or "",
            active=STATUSES.get(self.status.data or ""),
            switches=self.switches,
            automations=tuple(self.automation.data or ()),
        )

    def validate_name(self, field: StringField) -> None:
        name = field.data or ""
        if len(name) > LONGEST_NAME or not name.isprintable() or REPLACED in name:
            raise ValidationError(_("Kies een kortere naam zonder bijzondere tekens."))


class PersonForm(Form):
    """Whom an action is tried on."""

    query = SearchField(
        _("Naam, e-mailadres of CRM-nummer"),
        [Length(max=320)],
        filters=[searched],
        id="person-query",
    )


class TryForm(Form):
    contact_id = StringField()


def _values(draft: Draft) -> dict[str, Any]:
    adjustment = draft.adjustment
    statuses = {value: word for word, value in STATUSES.items()}
    return {
        "name": draft.name,
        "description": draft.description,
        "note": adjustment.note,
        "status": statuses[adjustment.active] if adjustment.active is not None else "",
        **switch_values(adjustment),
    }
