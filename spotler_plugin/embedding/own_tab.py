"""A page of ours in a tab of its own, such as one for paper: opened by a form within a widget.

A link would carry the token in its address, which browsers and servers keep. The token is a
session of its own, that no widget takes: of the same person, for one contact.
"""

from __future__ import annotations

from dataclasses import replace

from flask import request

from spotler_plugin.embedding.session import NotAllowed, Session, enter, read, seal

TAB = "own-tab"
"""What stands in such a session for the widget."""


def seal_for_tab(session: Session, contact_id: str) -> str:
    """Return the token for a tab about this contact."""
    return seal(replace(session, widget=TAB, resource_type="contact", resource_id=contact_id))


def enter_tab() -> Session:
    """Load and authorise by the form's `token`, as `require` does by the header.

    Raises SessionExpired without a valid one, NotAllowed for that of a widget.
    """
    session = enter(read(request.form.get("token", "")))
    if session.widget != TAB:
        raise NotAllowed
    return session
