"""Forms of backups: the settings, a file, and what its columns are."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from wtforms import BooleanField, FileField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from spotler_plugin.forms import Form
from spotler_plugin.planning.backup.layout import Layout
from spotler_plugin.planning.backup.sheet import sheet
from spotler_plugin.storable import storable
from spotler_plugin.translation import gettext
from spotler_plugin.translation import lazy_gettext as _

LONGEST_DAYS = 3650
NOT_OFFERED = ("version", "")


class BackupSettingsForm(Form):
    nightly = BooleanField(_("Elke nacht een back-up maken"))
    keep_days = IntegerField(
        _("Bewaren (dagen)"),
        [
            InputRequired(_("Vul een aantal dagen in.")),
            NumberRange(1, LONGEST_DAYS, _("Kies 1 tot 3650 dagen.")),
        ],
        description=_("Daarna wordt een back-up gewist. Dit geldt ook voor de back-ups van nu."),
        render_kw={"inputmode": "numeric"},
    )

    @property
    def days(self) -> int:
        """How long backups are kept; of a form that is valid."""
        return self.keep_days.data or LONGEST_DAYS


class UploadForm(Form):
    file = FileField(
        _("Bestand"),
        description=_("Een export uit Spotler, of een back-up die je eerder hebt gedownload."),
        render_kw={"accept": ".csv,.txt,text/csv"},
    )


class MatchingForm:
    """What each column of a file is: one of what is offered, or nothing."""

    def __init__(self, layout: Layout, keys: Sequence[str] | None = None) -> None:
        self.offered = [("", gettext("Niet gebruiken"))]
        self.offered += [
            (each.key, each.heading) for each in sheet(layout) if each.key not in NOT_OFFERED
        ]
        self.keys = list(keys) if keys is not None else self._sent()
        self.error = ""

    def fits(self, columns: int) -> bool:
        """Return whether it can be a backup; otherwise the error says why not."""
        used = [key for key in self.keys if key]
        if len(self.keys) != columns:
            self.error = gettext("Kies opnieuw; het bestand heeft andere kolommen.")
        elif len(set(used)) < len(used):
            self.error = gettext("Twee kolommen zijn hetzelfde. Kies er een van.")
        elif not {"external_id", "property:email"} & set(used):
            self.error = gettext("Zonder external id of e-mailadres is niemand terug te vinden.")
        return not self.error

    def _sent(self) -> list[str]:
        known = {key for key, _label in self.offered} | {"version"}
        sent = [storable(each) for each in request.form.getlist("column")]
        return [key if key in known or key.startswith("json:") else "" for key in sent]
