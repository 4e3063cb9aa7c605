"""`flask environment …`: register, list, rotate, disable, remove (crm-developer.md §1)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import click
from sqlalchemy.exc import IntegrityError

from spotler_plugin.commands.given import api_url, name_of, origin, region, secret_of
from spotler_plugin.commands.guard import GuardedGroup, sealed
from spotler_plugin.extensions import db
from spotler_plugin.models import Environment, SecretKind
from spotler_plugin.services import environment as environments
from spotler_plugin.services.connection import secrets

environment = GuardedGroup("environment", help="Register and manage environments.")

PRINTED = {
    SecretKind.LAUNCH: "launch_secret",
    SecretKind.EVENTS: "events_secret",
    SecretKind.API: "api_token",
}
REGION = "Country of telephone numbers without a code: NL, BE …"


@environment.command("add")
@click.argument("key")
@click.option("--crm-origin", "origins", multiple=True, required=True, help="Repeatable.")
@click.option("--crm-api", required=True, help="Base URL of the CRM's API.")
@click.option("--spotler-url", help="Base URL of Mail+; default SPOTLER_URL.")
@click.option("--name", help="What its users call the CRM; default the key.")
@click.option("--region", "country", default="NL", help=REGION)
@click.option("--launch-secret")
@click.option("--events-secret")
@click.option("--api-token")
@click.option("--json", "as_json", is_flag=True)
def add(
    key: str,
    origins: tuple[str, ...],
    crm_api: str,
    spotler_url: str | None,
    name: str | None,
    country: str,
    launch_secret: str | None,
    events_secret: str | None,
    api_token: str | None,
    as_json: bool,
) -> None:
    """Register environment KEY and print its secrets, once."""
    if not re.fullmatch(r"[a-z0-9-]{2,40}", key):
        raise click.BadParameter("a key is 2 to 40 of a-z, 0-9 and -.", param_hint="KEY")
    if environments.find(key):
        raise click.ClickException(f"Environment {key} exists already.")
    if not secrets.opens_newest():
        # Its own secrets would be opened by other keys than all others.
        raise sealed()
    if api_token and secrets.has_api_token(api_token):
        raise click.BadParameter("another environment has it.", param_hint="--api-token")
    given = {
        SecretKind.LAUNCH: launch_secret,
        SecretKind.EVENTS: events_secret,
        SecretKind.API: api_token,
    }
    values = environments.add(
        key,
        name=name_of(name or key),
        crm_origins=[origin(each) for each in origins],
        crm_api=api_url(crm_api, "--crm-api"),
        spotler_url=api_url(spotler_url, "--spotler-url") if spotler_url else None,
        region=region(country),
        given={kind: secret_of(kind, value) for kind, value in given.items() if value},
    )
    try:
        db.session.commit()
    except IntegrityError as error:
        # Somebody else is registering it at this moment.
        raise click.ClickException(f"Environment {key} exists already.") from error
    printed = {"key": key} | {PRINTED[kind]: value for kind, value in values.items()}
    if as_json:
        click.echo(json.dumps(printed))
        return
    for label, value in printed.items():
        click.echo(f"{label}: {value}")
    click.echo("The secrets are not shown again.")


@environment.command("list")
@click.option("--json", "as_json", is_flag=True)
def list_environments(as_json: bool) -> None:
    """List the environments, without secrets."""
    rows = [_described(row) for row in environments.all_environments()]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        state = "disabled" if row["disabled"] else "active"
        click.echo(f"{row['key']}  {state}  {row['name']}  {' '.join(row['crm_origins'])}")


@environment.command("set")
@click.argument("key")
@click.option("--crm-origin", "origins", multiple=True, help="Repeatable; replaces all.")
@click.option("--crm-api")
@click.option("--spotler-url")
@click.option("--name")
@click.option("--region", "country", help=REGION)
def set_environment(
    key: str,
    origins: tuple[str, ...],
    crm_api: str | None,
    spotler_url: str | None,
    name: str | None,
    country: str | None,
) -> None:
    """Change where environment KEY is reached, or its name; what is not given stays."""
    row = _found(key)
    given = (crm_api, spotler_url, name, country)
    if not origins and all(each is None for each in given):
        raise click.UsageError(
            "Say what is to change: --crm-origin, --crm-api, --spotler-url, --name or --region."
        )
    if origins:
        row.crm_origins = [origin(each) for each in origins]
    if crm_api is not None:
        row.crm_api = api_url(crm_api, "--crm-api")
    if spotler_url is not None:
        row.spotler_url = api_url(spotler_url, "--spotler-url")
    row.name = row.name if name is None else name_of(name)
    row.region = row.region if country is None else region(country)
    db.session.commit()


@environment.command("rotate")
@click.argument("key")
@click.argument("kind", type=click.Choice([kind.value for kind in SecretKind]))
def rotate(key: str, kind: str) -> None:
    """Make a new secret of KIND; the old one stays valid for 24 hours."""
    value = environments.rotate(_found(key), SecretKind(kind))
    db.session.commit()
    click.echo(f"{PRINTED[SecretKind(kind)]}: {value}")


@environment.command("encrypt-anew")
def encrypt_anew() -> None:
    """Encrypt all secrets with the first of SECRET_KEYS; then the others can go."""
    count = secrets.encrypt_anew()
    db.session.commit()
    click.echo(f"{count} secrets are encrypted with the first of SECRET_KEYS.")


@environment.command("disable")
@click.argument("key")
def disable(key: str) -> None:
    """Refuse all launches, sessions and events of KEY at once; its work stands still.

    A call that is under way ends, and what it did is recorded.
    """
    _found(key).disabled_at = datetime.now(UTC)
    db.session.commit()


@environment.command("enable")
@click.argument("key")
def enable(key: str) -> None:
    """Undo `disable`; what stood still goes on by itself."""
    _found(key).disabled_at = None
    db.session.commit()


@environment.command("remove")
@click.argument("key")
@click.confirmation_option(prompt="This removes everything of this environment. Go on?")
def remove(key: str) -> None:
    """Remove KEY and everything that belongs to it."""
    db.session.delete(_found(key))
    db.session.commit()


def _found(key: str) -> Environment:
    row = environments.find(key)
    if row is None:
        raise click.ClickException(f"There is no environment {key}.")
    return row


def _described(row: Environment) -> dict[str, Any]:
    return {
        "id": row.id,
        "key": row.key,
        "name": row.name,
        "crm_origins": row.crm_origins,
        "crm_api": row.crm_api,
        "spotler_url": row.spotler_url,
        "region": row.region,
        "disabled": row.disabled_at is not None,
    }
