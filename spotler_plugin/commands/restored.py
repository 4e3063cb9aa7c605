"""`flask restored`: said once after the database was put back from a copy, before work begins."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from spotler_plugin.commands.guard import GuardedCommand
from spotler_plugin.extensions import db
from spotler_plugin.jobs.queue import processes
from spotler_plugin.services.restoration import Held, hold_everything


@click.command("restored", cls=GuardedCommand)
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def restored(yes: bool) -> None:
    """Hold what waits in a database that was put back: it may have been done since.

    Automations and automatic actions that wait are left for a person to decide on, and what people
    saved is stopped. What brings the CRM's values to Spotler goes on.
    """
    alive = processes.seen()
    if alive is not None and alive.workers:
        raise click.ClickException(
            "A worker is running, or was within the last 30 seconds. Stop all of them first."
        )
    if not yes:
        click.confirm("Everything that waits in all environments is held. Go on?", abort=True)
    found = hold_everything()
    db.session.commit()
    for held in found:
        click.echo(_line(held))


def _line(held: Held) -> str:
    if not held.is_anything:
        return f"{held.environment}: nothing waited."
    return (
        f"{held.environment}: {held.runs} runs stopped; to be decided by a person: "
        f"{held.automations} automations, {held.actions} automatic actions, {held.events} events."
    )
