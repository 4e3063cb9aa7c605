"""The data block: how a contact stands, in a glance; a click opens the modal."""

from __future__ import annotations

from flask import Blueprint, render_template

from spotler_plugin.embedding import Session, data_for_script, require
from spotler_plugin.services.link.status import LinkStatus, status_of
from spotler_plugin.wording.statuses import status_text
from spotler_plugin.wording.text import Text

blueprint = Blueprint("data_block", __name__, url_prefix="/data-block")


def page(session: Session) -> str:
    """The widget's document, as the launch answers it."""
    return render_template(
        "data_block/page.html",
        session_data=data_for_script(session),
        widget=session.widget,
        **_shown(session),
    )


@blueprint.get("/status")
@require("data-block", "read")
def status(session: Session) -> str:
    return render_template("data_block/_status.html", **_shown(session))


def _shown(session: Session) -> dict[str, LinkStatus | Text | str]:
    environment = session.environment
    standing = status_of(environment.id, session.contact_id)
    return {
        "standing": standing,
        "text": status_text(standing, environment.name),
        "contact_id": session.contact_id,
    }
