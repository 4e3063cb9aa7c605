"""Permissions to switch, each with the ground on which it goes on, and automations to start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Self

from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import Length

from spotler_plugin.forms import Form
from spotler_plugin.forms.fields import LARGEST_ID, SelectChoice, number_up_to, pasted
from spotler_plugin.planning.adjustment import Adjustment, Switch
from spotler_plugin.translation import lazy_gettext as _
from spotler_plugin.wording.consent.grounds import GROUNDS, LONGEST_GROUND

SWITCHES = {"on": True, "off": False}
NO_GROUND = _("Vul in op welke grond deze permissie aan mag.")


def permission_name(bit: int) -> str:
    return f"permission-{bit}"


def ground_name(bit: int) -> str:
    return f"ground-{bit}"


class SwitchesForm(Form):
    # Which there are is not asked here: what vanished since the screen was made starts nothing.
    automation = SelectMultipleField(coerce=number_up_to(LARGEST_ID), validate_choice=False)

    grounds = GROUNDS
    """What is offered for each ground."""
    bits: tuple[int, ...] = ()
    """Of the permissions, each with two fields of its own."""

    @classmethod
    def over(cls, bits: Iterable[int]) -> type[Self]:
        """The form with a switch and a ground for each of these permissions."""
        fields: dict[str, Any] = {"bits": tuple(bits)}
        for bit in fields["bits"]:
            fields[permission_name(bit)] = SelectField(
                choices=[
                    SelectChoice("", _("ongewijzigd")),
                    SelectChoice("on", _("aan")),
                    SelectChoice("off", _("uit")),
                ],
                validate_choice=False,
            )
            fields[ground_name(bit)] = StringField(
                validators=[Length(max=LONGEST_GROUND, message=_("Hooguit 200 tekens."))],
                filters=[pasted],
            )
        return type(cls.__name__, (cls,), fields)

    @property
    def switches(self) -> dict[int, Switch]:
        return {
            bit: Switch(enabled, self[ground_name(bit)].data or "" if enabled else "")
            for bit in self.bits
            if (enabled := self._switched(bit)) is not None
        }

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        valid = bool(super().validate(extra_validators))
        for bit in self.bits:
            ground = self[ground_name(bit)]
            if self._switched(bit) and not ground.data:
                ground.errors = [NO_GROUND]
                valid = False
        return valid

    def called(self, permissions: Mapping[int, str]) -> dict[str, str]:
        """What a person calls the controls that have no label of their own, by their names."""
        return {ground_name(bit): permissions.get(bit, "") for bit in self.bits}

    def places(self, permissions: Mapping[int, str]) -> list[tuple[str, str]]:
        """What a person has to mend, each with the id of its control."""
        called = self.called(permissions)
        return [
            (f"{called.get(field.name) or field.label.text}: {error}", field.id)
            for field in self
            for error in field.errors
        ]

    def _switched(self, bit: int) -> bool | None:
        return SWITCHES.get(self[permission_name(bit)].data or "")


def switch_values(adjustment: Adjustment) -> dict[str, Any]:
    """What the controls show for an adjustment."""
    words = {value: word for word, value in SWITCHES.items()}
    switches = adjustment.switches.items()
    return {
        "automation": list(adjustment.automations),
        **{permission_name(bit): words[switch.enabled] for bit, switch in switches},
        **{ground_name(bit): switch.ground for bit, switch in switches},
    }
