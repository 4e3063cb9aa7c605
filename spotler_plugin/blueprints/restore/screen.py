"""How the form looks in which somebody says what of a backup is put back."""

from __future__ import annotations

from flask import render_template

from spotler_plugin.embedding import Session
from spotler_plugin.forms.backup.restore import RestoreForm, restore_form
from spotler_plugin.models import Backup
from spotler_plugin.planning.restore.order import Restore
from spotler_plugin.services.preview.restore import legend_for


def screen(
    session: Session,
    backup: Backup,
    form: RestoreForm | None = None,
    *,
    order: Restore | None = None,
) -> str:
    """The whole screen; `order`: as it was filled in before."""
    legend = legend_for(backup)
    return render_template(
        "restore/_screen.html",
        backup=backup,
        form=form or restore_form(legend.columns, order),
        legend=legend,
        crm_name=session.environment.name,
    )
