"""The data block: how a contact stands, in a glance; a click opens the modal."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from spotler_plugin.embedding import Session, data_for_script, require
from spotler_plugin.planning.reason import OF_ADDRESS, Reason
from spotler_plugin.services.contact.glance import look_at
from spotler_plugin.services.contact.shared import find_shared
from spotler_plugin.services.link.lag import There
from spotler_plugin.services.link.status import LinkStatus, Status, status_of
from spotler_plugin.wording.contact.address import shared_text
from spotler_plugin.wording.statuses import status_text, unsure_text
from spotler_plugin.wording.text import Text

ABOUT_OTHERS = OF_ADDRESS - {Reason.ID_OF_ANOTHER}

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


@blueprint.post("/fresh")
@require("data-block", "read")
def fresh(session: Session) -> str:
    """The same, after the CRM was asked who it is. A POST, because what the CRM says is kept."""
    look_at(session.environment, session.contact_id)
    return render_template("data_block/_status.html", **_shown(session, asks=False))


def _shown(session: Session, *, asks: bool = True) -> dict[str, Any]:
    standing = status_of(session.environment.id, session.contact_id)
    return {
        "standing": standing,
        "text": _text(session, standing),
        "unsure": unsure_text(standing),
        "contact_id": session.contact_id,
        "asks": asks and _is_worth_asking(standing),
    }


def _text(session: Session, standing: LinkStatus) -> Text:
    """What there is to say; of who shares an address, with whom, or whose it is."""
    is_taken = standing.reason is None and standing.there is There.ANOTHERS
    if standing.address and not standing.behind and (is_taken or standing.reason in ABOUT_OTHERS):
        shared = find_shared(session.environment.id, session.contact_id, standing.address)
        if shared is not None:
            return shared_text(shared)
    return status_text(standing, session.environment.name)


def _is_worth_asking(standing: LinkStatus) -> bool:
    """Whether the CRM may know more of it than our tables: its address, or that it was mended."""
    is_busy = standing.status is Status.PENDING or standing.reason is Reason.ERASED
    return standing.connected and not standing.is_linked and not is_busy
