"""Accept each launch token once."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from sqlalchemy import delete

from spotler_plugin.extensions import db
from spotler_plugin.models import UsedLaunch
from spotler_plugin.sql import insert_one


def use_up(environment_id: int, jti: str, expires_at: datetime) -> bool:
    """Record that a token was used; False if it was before. `expires_at` includes leeway."""
    token_id = hashlib.blake2b(f"{environment_id}\n{jti}".encode(), digest_size=32).hexdigest()
    return insert_one(
        UsedLaunch,
        {"environment_id": environment_id, "token_id": token_id, "expires_at": expires_at},
    )


def forget_used() -> None:
    """Delete the records of expired tokens, of all environments."""
    db.session.execute(
        delete(UsedLaunch)
        .where(UsedLaunch.expires_at < datetime.now(UTC))
        .execution_options(across_environments=True)
    )
