"""What an administrator chose about permissions."""

from __future__ import annotations

import secrets

from sqlalchemy import bindparam, select

from spotler_plugin.extensions import db
from spotler_plugin.models import ConsentSetting
from spotler_plugin.sql import insert_new

# Made once: making a statement takes as long as executing it, and each modal asks for this.
_OF = (
    select(ConsentSetting)
    .where(ConsentSetting.environment_id == bindparam("owner"))
    .execution_options(populate_existing=True)
)


def allows_again(environment_id: int) -> bool:
    """Whether a person may switch on what a contact signed off from; not unless it was chosen."""
    row = find_setting(environment_id)
    return row is not None and row.allows_again


def choose_again(environment_id: int, *, allowed: bool) -> None:
    ensure_setting(environment_id).allows_again = allowed


def ensure_setting(environment_id: int) -> ConsentSetting:
    """Return the row, which is made where there is none; of two who make it at once one wins."""
    row = find_setting(environment_id)
    if row is None:
        new = {
            "environment_id": environment_id,
            "allows_again": False,
            "address_key": secrets.token_urlsafe(32),
        }
        insert_new(ConsentSetting, [new])
        row = find_setting(environment_id)
        assert row is not None
    return row


def find_setting(environment_id: int) -> ConsentSetting | None:
    return db.session.scalar(_OF, {"owner": environment_id})
