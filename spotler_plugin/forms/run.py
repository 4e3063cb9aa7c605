"""Which contacts of a run: by outcome, cause, words, or one of them; and which page."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, SearchField
from wtforms.validators import Length, NumberRange, Optional

from spotler_plugin.forms import Form
from spotler_plugin.forms.fields import LARGEST_ID, EnumField, NumberField, searched
from spotler_plugin.models import Outcome
from spotler_plugin.planning.reason import Reason
from spotler_plugin.translation import lazy_gettext as _

ANY_NUMBER = (Optional(), NumberRange(1, LARGEST_ID))


class PageForm(Form):
    """Of a list that is shown page by page."""

    page = NumberField(validators=ANY_NUMBER)

    @property
    def number(self) -> int:
        """Of the page, from 1."""
        return self.page.data or 1


class WatchForm(Form):
    """Of what is under way."""

    said = NumberField(validators=ANY_NUMBER)
    """The seconds left as the screen said them last."""


class RunsForm(PageForm):
    """Of the list of runs."""

    single = BooleanField(_("Ook van één contactpersoon"))
    only_open = BooleanField()


class UndoForm(Form):
    """How far a run, or one contact of it, is taken back."""

    item = NumberField(validators=ANY_NUMBER)
    overrides = BooleanField(_("Ook terugzetten wat anderen intussen wijzigden"))
    mapping = BooleanField(_("Ook de mapping terugzetten"))


class ItemsForm(PageForm):
    """Of the contacts of a run."""

    outcome = EnumField(Outcome, validators=[Optional()])
    reason = EnumField(Reason, validators=[Optional()])
    message = HiddenField(validators=[Length(max=2000)], filters=[searched])
    query = SearchField(
        _("Naam, e-mailadres of CRM-nummer"),
        validators=[Length(max=320)],
        filters=[searched],
        id="run-query",
    )
    item = NumberField(validators=ANY_NUMBER)
    said = NumberField(validators=ANY_NUMBER)
    """Of a run under way: the seconds left as the screen said them last."""


class ContactsForm(PageForm):
    """Of all contacts that are linked, or that went wrong, for one reason."""

    wrong = BooleanField()
    reason = EnumField(Reason, validators=[Optional()])
    query = SearchField(
        _("Naam, e-mailadres of nummer"),
        validators=[Length(max=320)],
        filters=[searched],
        id="contacts-query",
    )
