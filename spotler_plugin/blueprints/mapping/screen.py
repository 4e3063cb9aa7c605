"""How the mapping's editor looks, and what it has to say."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from flask import render_template, url_for

from spotler_plugin.blueprints.mapping.selects import mapping_form
from spotler_plugin.embedding import Session
from spotler_plugin.planning.proposal import Proposal
from spotler_plugin.services.account.client import is_connected
from spotler_plugin.services.health.overview import overview
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
    BEGUN = "begun"
    """Contacts were written meanwhile, so that a change of the mapping changes them."""


def editor(session: Session, *, chosen: Proposal | None = None, said: Said = Said.NOTHING) -> str:
    """The whole screen; `chosen` is what somebody proposes instead of what is saved."""
    return render_template(
        "mapping/_screen.html",
        **editor_variables(session, chosen, said),
        may_synchronise=is_connected(session.environment.id) and is_anybody_linked(session),
        save_to=url_for("mapping.save"),
    )


def editor_variables(
    session: Session, chosen: Proposal | None = None, said: Said = Said.NOTHING
) -> dict[str, Any]:
    """What the lines of the editor know, whatever screen they are on."""
    shown = sheet(session.environment, chosen)
    form = mapping_form(shown)
    form.validate()
    return {"sheet": shown, "form": form, "crm_name": session.environment.name, "said": said}


def is_anybody_linked(session: Session) -> bool:
    return overview(session.environment.id).linked > 0
