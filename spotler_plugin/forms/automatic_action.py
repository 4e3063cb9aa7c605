"""An automatic action as an administrator fills it in."""

from __future__ import annotations

from typing import Any, Self

from wtforms import (
    RadioField,
    SearchField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length

from spotler_plugin.forms import Form
from spotler_plugin.forms.fields import SelectChoice, pasted, searched
from spotler_plugin.forms.switches import SwitchesForm, switch_values
from spotler_plugin.models import AutomaticAction
from spotler_plugin.planning.adjustment import Adjustment
from spotler_plugin.storable import REPLACED
from spotler_plugin.translation import lazy_gettext as _

LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST_NOTE = 120, 500, 2000
STATUSES = {"active": True, "inactive": False}


class AutomaticActionForm(SwitchesForm):
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
    def filled(cls, name: str, description: str, adjustment: Adjustment) -> Self:
        """The form as it was saved."""
        return cls(formdata=None, data=_values(name, description, adjustment))

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


def values_of(action: AutomaticAction) -> tuple[str, str, Adjustment]:
    return action.name, action.description, action.adjustment


def _values(name: str, description: str, adjustment: Adjustment) -> dict[str, Any]:
    statuses = {value: word for word, value in STATUSES.items()}
    return {
        "name": name,
        "description": description,
        "note": adjustment.note,
        "status": statuses[adjustment.active] if adjustment.active is not None else "",
        **switch_values(adjustment),
    }
