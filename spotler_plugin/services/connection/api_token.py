"""Find out which environment an API token is of: the token alone says who calls."""

from __future__ import annotations

from datetime import UTC, datetime
from hmac import compare_digest

from sqlalchemy import select

from spotler_plugin.extensions import cipher, db
from spotler_plugin.models import Environment, EnvironmentSecret, SecretKind
from spotler_plugin.services.environment import is_valid


def find_by_api_token(token: str) -> Environment | None:
    """Return the environment, disabled or not, whose API token this is.

    None also where two have the same one: whose it is cannot be told. Takes as long for a token
    that nobody has.
    """
    rows = db.session.execute(
        select(Environment, EnvironmentSecret.value, EnvironmentSecret.valid_until)
        .join(EnvironmentSecret, EnvironmentSecret.environment_id == Environment.id)
        .where(
            EnvironmentSecret.digest.in_(cipher.digests(token)),
            EnvironmentSecret.kind == SecretKind.API,
        )
        .execution_options(across_environments=True)
    ).all()
    now = datetime.now(UTC)
    known = [(row.Environment, row.value) for row in rows if is_valid(row.valid_until, now)]
    owner, value = known[0] if known else (None, cipher.decoy())
    same = compare_digest(value.encode(), token.encode())
    return owner if same and len({each.id for each, _ in known}) == 1 else None
