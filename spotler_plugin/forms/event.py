"""Which events: by id, type and how they stand; and which page."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from wtforms import SearchField, SelectField
from wtforms.validators import Length, Optional

from spotler_plugin.forms.fields import SelectChoice, searched
from spotler_plugin.forms.run import PageForm
from spotler_plugin.models import EventStanding, EventType
from spotler_plugin.translation import gettext
from spotler_plugin.translation import lazy_gettext as _
from spotler_plugin.wording.events import standing_word, type_word

Choice = TypeVar("Choice", bound=StrEnum)


class AnyOrOne(SelectField):
    """One of an enum, or all of them, which is None."""

    def __init__(
        self, label: str, enum: type[Choice], word: Callable[[Choice], str], **kwargs: Any
    ) -> None:
        super().__init__(
            label,
            coerce=lambda value: enum(value) if value else None,
            choices=[
                SelectChoice("", gettext("Alle")),
                *(SelectChoice(each.value, word(each)) for each in enum),
            ],
            validators=[Optional()],
            **kwargs,
        )


class EventsForm(PageForm):
    """Of the list of events."""

    query = SearchField(
        _("Nummer van contactpersoon of relatie"),
        validators=[Length(max=200)],
        filters=[searched],
        id="event-query",
    )
    type = AnyOrOne(_("Soort"), EventType, type_word, id="event-type")
    standing = AnyOrOne(_("Uitkomst"), EventStanding, standing_word, id="event-standing")
