"""Which part of a backup is put back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, SearchField, SelectMultipleField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from spotler_plugin.forms import Form
from spotler_plugin.forms.fields import searched
from spotler_plugin.planning.backup.layout import Column
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.translation import lazy_gettext as _


class OneContactForm(Form):
    """Of a backup that is put back for one contact: all of its properties."""

    switches = BooleanField(_("Ook permissies uitzetten die toen uit stonden"))


class RestoreForm(OneContactForm):
    """Of a backup; its properties are set by `restore_form`."""

    query = SearchField(
        _("E-mailadres of CRM-nummer; leeg is iedereen"),
        validators=[Length(max=320)],
        filters=[searched],
        id="restore-query",
    )
    names = SelectMultipleField(
        _("Velden"),
        validators=[DataRequired(_("Kies minstens één veld."))],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    @property
    def order(self) -> Restore:
        return Restore(
            tuple(self.names.data or ()),
            query=self.query.data or "",
            switches=self.switches.data,
        )


def restore_form(columns: Sequence[Column], order: Restore | None = None) -> RestoreForm:
    """Return the form with what was sent; or as it is at first, or was filled in before."""
    names = [each.name for each in columns]
    before = order or Restore(tuple(names))
    chosen: dict[str, Any] = {
        "query": before.query,
        "names": list(before.properties),
        "switches": before.switches,
    }
    form = RestoreForm(formdata=None, data=chosen)
    form.names.choices = [(each.name, each.label or each.name) for each in columns]
    return form


def sent_restore(columns: Sequence[Column]) -> RestoreForm:
    """Return the form that this request sent."""
    form = RestoreForm()
    form.names.choices = [(each.name, each.label or each.name) for each in columns]
    return form
