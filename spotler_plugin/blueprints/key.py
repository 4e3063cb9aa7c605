"""Key and secret as somebody pasted them: tried at Spotler, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from spotler_plugin.embedding import Session
from spotler_plugin.extensions import db
from spotler_plugin.forms.connection import ConnectionForm
from spotler_plugin.jobs.connection import go_on
from spotler_plugin.services.catalogue.store import Found
from spotler_plugin.services.connection import credentials
from spotler_plugin.services.connection.credentials import KeyRefused, OtherAccount, SpotlerAway
from spotler_plugin.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Attempt:
    """A key that was tried."""

    form: ConnectionForm
    """With what is wrong."""
    found: Found | None = None
    """What was found in the account; None: it is not connected."""
    is_away: bool = False
    is_other: bool = False
    """It is another account's, and waits for somebody to choose."""


def try_key(session: Session) -> Attempt:
    """Try the key that was sent, and where it is right connect, and go on. Commits."""
    form = ConnectionForm()
    if not form.validate():
        return Attempt(form)
    try:
        found = credentials.connect(session.environment, *form.pair, session.actor)
    except KeyRefused:
        form.key.errors = [
            _("Spotler herkent deze key en secret niet."),
            _("Kopieer ze opnieuw uit Spotler: Instellingen › Integraties."),
        ]
        return Attempt(form)
    except SpotlerAway:
        return Attempt(form, is_away=True)
    except OtherAccount:
        db.session.commit()
        return Attempt(form, is_other=True)
    go_on(session.environment)
    return Attempt(form, found)
