"""The modal's forms: which switches it showed, which are on now, hence what was changed."""

from __future__ import annotations

from uuid import UUID

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectMultipleField,
    StringField,
    validators,
)

from spotler_plugin.forms import Form
from spotler_plugin.forms.fields import LARGEST_ID, EnumField, SelectChoice, number_up_to, pasted
from spotler_plugin.planning.history.place import Kind, Place
from spotler_plugin.translation import lazy_gettext as _
from spotler_plugin.wording.consent.grounds import LONGEST_GROUND

LARGEST_BIT = 2**63 - 1


def seen_switch(value: str) -> tuple[int, bool]:
    """From "bit:0" or "bit:1"; raises ValueError."""
    bit, state = value.split(":")
    return number_up_to(LARGEST_BIT)(bit), state == "1"


class TokenForm(Form):
    """A form that counts once, however often it is sent."""

    request_token = HiddenField(validators=[validators.UUID()])

    @property
    def token(self) -> UUID:
        return UUID(self.request_token.data or "")


class ContactForm(TokenForm):
    # Which there are is not asked here: what vanished since the screen was made changes nothing.
    permission = SelectMultipleField(coerce=number_up_to(LARGEST_BIT), validate_choice=False)
    """The bits whose switch is on."""
    seen = SelectMultipleField(coerce=seen_switch, validate_choice=False)
    """What the screen showed, of the switches that could be changed."""
    automation = SelectMultipleField(coerce=number_up_to(LARGEST_ID), validate_choice=False)
    ground = StringField(
        _("Op welke grond mag dit aan?"),
        [validators.Length(max=LONGEST_GROUND)],
        filters=[pasted],
        description=_("Mag leeg blijven, behalve waar de contactpersoon zich had afgemeld."),
    )
    """Of all permissions that go on with this saving."""
    take_over = BooleanField()
    """The address is this contact's, although another has it."""

    @property
    def shown(self) -> dict[int, bool]:
        """The switches as the screen showed them, before they were moved."""
        return dict(self.seen.data or ())

    def changed_permissions(self) -> dict[int, bool]:
        """Only what was changed on this screen: absence never means off."""
        on = set(self.permission.data or ())
        return {bit: bit in on for bit, was_on in self.shown.items() if (bit in on) != was_on}

    def grounds(self) -> dict[int, str]:
        """By permission that goes on, where a ground was given."""
        ground = self.ground.data
        if not ground:
            return {}
        return {bit: ground for bit, enabled in self.changed_permissions().items() if enabled}

    def refuse_without_ground(self) -> None:
        """Say that a sign-off is not lifted without one."""
        self.ground.errors = [
            _("De contactpersoon had zich afgemeld. Vul in op welke grond dit weer aan mag.")
        ]


class DecisionForm(TokenForm):
    """A person looked in Spotler whether an automation was started."""

    decision = RadioField(
        choices=[
            SelectChoice("started", _("Is gestart")),
            SelectChoice("again", _("Opnieuw starten")),
        ]
    )

    @property
    def started(self) -> bool:
        return bool(self.decision.data == "started")


class OwnerForm(Form):
    """A person said that the address is another contact's."""

    owner = HiddenField(validators=[validators.Length(1, 120)])


class HistoryForm(Form):
    """Which lines of the contact's history: of what kind, and after which."""

    kind = EnumField(Kind, validators=[validators.Optional()])
    after = HiddenField(validators=[validators.Optional()])

    def validate_after(self, field: HiddenField) -> None:
        try:
            Place.parse(field.data or "")
        except ValueError as error:
            raise validators.ValidationError(str(error)) from error

    @property
    def place(self) -> Place | None:
        return Place.parse(self.after.data) if self.after.data else None
