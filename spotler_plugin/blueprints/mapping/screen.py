"""How the mapping's editor looks, and what it has to say."""

from __future__ import annotations

from enum import StrEnum

from flask import render_template

from spotler_plugin.blueprints.mapping.selects import mapping_form
from spotler_plugin.embedding import Session
from spotler_plugin.planning.proposal import Proposal
from spotler_plugin.services.account.client import find_connection
from spotler_plugin.services.mapping.editor import sheet


class Said(StrEnum):
    """What the editor says above its lines."""

    NOTHING = ""
    UNCHANGED = "unchanged"
    """Saved without a change."""
    OVERTAKEN = "overtaken"
    """Somebody else saved another mapping meanwhile."""
    UNSAVED = "unsaved"
    """A synchronisation was asked for while there are changes."""
    FORGOTTEN = "forgotten"
    """What would happen was worked out too long ago."""


def editor(session: Session, *, chosen: Proposal | None = None, said: Said = Said.NOTHING) -> str:
    """The whole screen; `chosen` is what somebody proposes instead of what is saved."""
    shown = sheet(session.environment, chosen)
    form = mapping_form(shown)
    form.validate()
    return render_template(
        "mapping/_screen.html",
        sheet=shown,
        form=form,
        crm_name=session.environment.name,
        connected=find_connection(session.environment.id) is not None,
        said=said,
    )
